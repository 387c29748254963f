# librdkafka, static, as tools/get_librdkafka builds it; what it needs of the system comes along.
execute_process(COMMAND ${PROJECT_SOURCE_DIR}/tools/get_librdkafka
                OUTPUT_VARIABLE librdkafka OUTPUT_STRIP_TRAILING_WHITESPACE
                RESULT_VARIABLE librdkafka_failed)
if(librdkafka_failed)
  message(FATAL_ERROR "no librdkafka: tools/get_librdkafka said why")
endif()
add_library(librdkafka STATIC IMPORTED)
set_target_properties(librdkafka PROPERTIES
  IMPORTED_LOCATION ${librdkafka}/lib/librdkafka.a
  INTERFACE_INCLUDE_DIRECTORIES ${librdkafka}/include
  INTERFACE_LINK_LIBRARIES "z;zstd;ssl;crypto;m;dl;Threads::Threads")
