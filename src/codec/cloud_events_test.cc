// SPDX-License-Identifier: Apache-2.0
#include "codec/cloud_events.h"

#include <gtest/gtest.h>

#include "codec/test_codec.h"

namespace penstock {
namespace {

using Texts = std::vector<std::string>;

std::shared_ptr<const Codec> events(EventMode mode = EventMode::kAuto,
                                    const char* prefix = "ce-") {
  return make_cloud_events_codec({mode, prefix, {}, {}});
}

const char* const kEvent =
    R"({"specversion":"1.0","id":"7","source":"/s","type":"t","time":"2024-05-01T10:00:00Z",)"
    R"("ext":3,"datacontenttype":"application/json","data":{"a":1}})";

TEST(CloudEvents, a_structured_event_is_its_json) {
  EXPECT_EQ(decoded(*events(), kEvent), Texts{kEvent});
  EXPECT_EQ(decoded(*events(), kEvent, {{"Content-Type", "application/cloudevents+json"}}),
            Texts{kEvent});
}

TEST(CloudEvents, a_batch_is_an_array_of_events) {
  const std::string batch = std::string("[") + kEvent + "," + kEvent + "]";
  EXPECT_EQ(decoded(*events(), batch), (Texts{kEvent, kEvent}));
  EXPECT_EQ(decoded(*events(), "[]"), Texts{});
  EXPECT_EQ(encoded(*events(EventMode::kBatch), Texts{kEvent, kEvent}), batch);
  EXPECT_EQ(decoded(*events(), std::string("[") + kEvent + ",{}]").back(),
            "error cannot-decode: cloudevents: byte 0: event 2: the attribute specversion is "
            "missing");
}

TEST(CloudEvents, a_binary_event_has_its_attributes_in_headers) {
  const TestHeaders headers = {{"Content-Type", "application/json; charset=utf-8"},
                               {"CE-SpecVersion", "1.0"}, {"ce-id", "7"}, {"ce-source", "/s%20x"},
                               {"ce-type", "\"t\\\"u\""}, {"other", "x"}};
  EXPECT_EQ(decoded(*events(), R"({"a":1})", headers),
            Texts{R"({"datacontenttype":"application/json; charset=utf-8","specversion":"1.0",)"
                  R"("id":"7","source":"/s x","type":"t\"u","data":{"a":1}})"});
}

TEST(CloudEvents, binary_data_is_text_or_base64_by_its_content_type) {
  TestHeaders headers = {{"ce_specversion", "1.0"}, {"ce_id", "1"}, {"ce_source", "a%20"},
                         {"ce_type", "t"}, {"content-type", "text/plain"}};
  EXPECT_EQ(decoded(*events(), "hi", headers)[0],
            R"({"specversion":"1.0","id":"1","source":"a%20","type":"t",)"
            R"("datacontenttype":"text/plain","data":"hi"})");
  headers.back().second = "image/png";
  EXPECT_EQ(decoded(*events(), "hi", headers)[0],
            R"({"specversion":"1.0","id":"1","source":"a%20","type":"t",)"
            R"("datacontenttype":"image/png","data_base64":"aGk="})");
}

TEST(CloudEvents, binary_mode_writes_headers) {
  TestHeaders headers;
  EXPECT_EQ(encoded(*events(EventMode::kBinary), Texts{kEvent}, &headers), R"({"a":1})");
  EXPECT_EQ(headers, (TestHeaders{{"ce-specversion", "1.0"}, {"ce-id", "7"}, {"ce-source", "/s"},
                                  {"ce-type", "t"}, {"ce-time", "2024-05-01T10:00:00Z"},
                                  {"ce-ext", "3"}, {"content-type", "application/json"}}));
  headers.clear();
  EXPECT_EQ(encoded(*events(EventMode::kBinary, "ce_"),
                    Texts{R"({"specversion":"1.0","id":"ü","source":"s","type":"t",)"
                          R"("data_base64":"aGk="})"}, &headers),
            "hi");
  EXPECT_EQ(headers[1].second, "ü");
}

TEST(CloudEvents, what_is_no_event_is_refused) {
  const std::pair<const char*, const char*> kFaults[] = {
      {R"({"specversion":"0.3","id":"1","source":"s","type":"t"})",
       "the attribute specversion is not \"1.0\""},
      {R"({"specversion":"1.0","source":"s","type":"t"})", "the attribute id is missing"},
      {R"({"specversion":"1.0","id":"","source":"s","type":"t"})",
       "the attribute id is not a text that has letters"},
      {R"({"specversion":"1.0","id":"1","source":"s","type":"t","Ext":1})",
       "the attribute name Ext has other letters than a-z and 0-9"},
      {R"({"specversion":"1.0","id":"1","source":"s","type":"t","ext":1.5})",
       "the attribute ext is double, not a string, bool or integer of 32 bits"},
      {R"({"specversion":"1.0","id":"1","source":"s","type":"t","time":"now"})",
       "the attribute time is not a time of RFC 3339"},
      {R"({"specversion":"1.0","id":"1","source":"s","type":"t","data":1,"data_base64":"aGk="})",
       "it has both data and data_base64"},
      {R"({"specversion":"1.0","id":"1","source":"s","type":"t","data_base64":"?"})",
       "data_base64 is not base64"},
      {"3", "an event is a map, not int"},
  };
  for (const auto& [json, fault] : kFaults) {
    EXPECT_EQ(decoded(*events(), json).back(),
              std::string("error cannot-decode: cloudevents: byte 0: ") + fault);
    EXPECT_EQ(encoded(*events(), Texts{json}),
              std::string("error cannot-encode: cloudevents: ") + fault);
  }
}

TEST(CloudEvents, other_values_become_the_data_of_events_that_keep_their_id) {
  const auto codec = make_cloud_events_codec({EventMode::kAuto, "ce-", "/shop", "order"});
  const std::string first = encoded(*codec, Texts{R"({"a":1})"});
  EXPECT_EQ(first, encoded(*codec, Texts{R"({"a": 1})"}));
  EXPECT_NE(first, encoded(*codec, Texts{R"({"a":2})"}));
  EXPECT_NE(first.find(R"("source":"/shop","type":"order")"), std::string::npos);
  EXPECT_EQ(decoded(*codec, first), Texts{first});
}

}  // namespace
}  // namespace penstock
