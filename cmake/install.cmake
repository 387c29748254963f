# What `make install` puts where: the program, its second name, and completion for three shells.
install(PROGRAMS ${PROJECT_BINARY_DIR}/penstock DESTINATION bin)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION share/doc/penstock)
install(CODE [[
  set(root "$ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}")
  file(CREATE_LINK penstock "${root}/bin/flowctl" SYMBOLIC)
  message(STATUS "Installing: ${root}/bin/flowctl")
  foreach(place bash:share/bash-completion/completions/penstock
                zsh:share/zsh/site-functions/_penstock
                fish:share/fish/vendor_completions.d/penstock.fish)
    string(REPLACE ":" ";" place "${place}")
    list(GET place 0 shell)
    list(GET place 1 file)
    get_filename_component(folder "${root}/${file}" DIRECTORY)
    file(MAKE_DIRECTORY "${folder}")
    execute_process(COMMAND "${root}/bin/penstock" completion ${shell}
                    OUTPUT_FILE "${root}/${file}" COMMAND_ERROR_IS_FATAL ANY)
    message(STATUS "Installing: ${root}/${file}")
  endforeach()
]])
