// SPDX-License-Identifier: Apache-2.0
#include "penstock/catalog.h"

#include "connectors/blackhole/blackhole_sink.h"
#include "connectors/file/file.h"
#include "connectors/generator/generator.h"
#include "connectors/http/http.h"
#include "connectors/http_sink/http_sink_flow.h"
#include "connectors/jetstream/jetstream.h"
#include "connectors/kafka/kafka.h"
#include "connectors/log/log_sink.h"
#include "connectors/nats/nats.h"
#include "connectors/nexmark/nexmark.h"
#include "connectors/noop/noop.h"
#include "connectors/stdin/stdin.h"
#include "connectors/stdout/stdout.h"
#include "connectors/topiclog/topic.h"
#include "stages/batch/batch.h"
#include "stages/count/count.h"
#include "stages/decode/decode.h"
#include "stages/dedupe/dedupe.h"
#include "stages/delay/delay.h"
#include "stages/encode/encode.h"
#include "stages/enrich/enrich.h"
#include "stages/expand/expand.h"
#include "stages/expression_key.h"
#include "stages/filter/filter.h"
#include "stages/flatten/flatten.h"
#include "stages/map/map.h"
#include "stages/regex_parse/regex_parse.h"
#include "stages/route/route.h"
#include "stages/sample/sample.h"
#include "stages/split/split.h"
#include "stages/template/template.h"
#include "stages/throttle/throttle.h"
#include "stages/unnest/unnest.h"

namespace penstock {

Catalog make_catalog() {
  Catalog catalog;
  register_batch(catalog);
  register_blackhole(catalog);
  register_count(catalog);
  register_decode(catalog);
  register_dedupe(catalog);
  register_delay(catalog);
  register_encode(catalog);
  register_enrich(catalog);
  register_expand(catalog);
  register_expression_keys(catalog);
  register_file(catalog);
  register_filter(catalog);
  register_flatten(catalog);
  register_generator(catalog);
  register_http(catalog);
  register_http_sink(catalog);
  register_jetstream(catalog);
  register_kafka(catalog);
  register_log(catalog);
  register_map(catalog);
  register_nats(catalog);
  register_nexmark(catalog);
  register_noop(catalog);
  register_regex_parse(catalog);
  register_route(catalog);
  register_sample(catalog);
  register_split(catalog);
  register_stdin(catalog);
  register_stdout(catalog);
  register_template(catalog);
  register_throttle(catalog);
  register_topic(catalog);
  register_unnest(catalog);
  return catalog;
}

}  // namespace penstock
