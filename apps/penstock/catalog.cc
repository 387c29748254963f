// SPDX-License-Identifier: Apache-2.0
#include "penstock/catalog.h"

#include "connectors/blackhole/blackhole_sink.h"
#include "connectors/file/file.h"
#include "connectors/generator/generator.h"
#include "connectors/http/http.h"
#include "connectors/http_sink/http_sink_flow.h"
#include "connectors/log/log_sink.h"
#include "connectors/noop/noop.h"
#include "connectors/stdin/stdin.h"
#include "connectors/stdout/stdout.h"
#include "stages/batch/batch.h"
#include "stages/count/count.h"
#include "stages/delay/delay.h"
#include "stages/route/route.h"
#include "stages/sample/sample.h"
#include "stages/split/split.h"
#include "stages/throttle/throttle.h"

namespace penstock {

Catalog make_catalog() {
  Catalog catalog;
  register_batch(catalog);
  register_blackhole(catalog);
  register_count(catalog);
  register_delay(catalog);
  register_file(catalog);
  register_generator(catalog);
  register_http(catalog);
  register_http_sink(catalog);
  register_log(catalog);
  register_noop(catalog);
  register_route(catalog);
  register_sample(catalog);
  register_split(catalog);
  register_stdin(catalog);
  register_stdout(catalog);
  register_throttle(catalog);
  return catalog;
}

}  // namespace penstock
