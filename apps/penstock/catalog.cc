// SPDX-License-Identifier: Apache-2.0
#include "penstock/catalog.h"

#include "connectors/blackhole/blackhole_sink.h"
#include "connectors/generator/generator.h"
#include "connectors/http/http.h"
#include "connectors/http_sink/http_sink_flow.h"
#include "connectors/log/log_sink.h"
#include "connectors/noop/noop.h"
#include "connectors/stdin/stdin.h"
#include "connectors/stdout/stdout.h"
#include "stages/count/count.h"
#include "stages/split/split.h"

namespace penstock {

Catalog make_catalog() {
  Catalog catalog;
  register_blackhole(catalog);
  register_count(catalog);
  register_generator(catalog);
  register_http(catalog);
  register_http_sink(catalog);
  register_log(catalog);
  register_noop(catalog);
  register_split(catalog);
  register_stdin(catalog);
  register_stdout(catalog);
  return catalog;
}

}  // namespace penstock
