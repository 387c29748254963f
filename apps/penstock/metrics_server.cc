// SPDX-License-Identifier: Apache-2.0
#include "penstock/metrics_server.h"

#include <dirent.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "net/url.h"
#include "penstock/program.h"
#include "runtime/prometheus.h"

namespace penstock {
namespace {

/// The same time whatever differs, so that a guess learns nothing.
bool same_secret(std::string_view a, std::string_view b) {
  unsigned char difference = a.size() != b.size();
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^
                  static_cast<unsigned char>(b.empty() ? 0 : b[i % b.size()]);
  }
  return difference == 0;
}

bool is_allowed(const HttpRequest& request, const std::string& token) {
  if (token.empty()) return true;
  const std::string_view value = request.fields.find("authorization").value_or("");
  constexpr std::string_view kScheme = "bearer ";
  return value.size() > kScheme.size() &&
         equals_ignoring_case(value.substr(0, kScheme.size()), kScheme) &&
         same_secret(value.substr(kScheme.size()), token);
}

void write_process(MetricWriter& out) {
  out.gauge("penstock_build_info", "Always 1; the version is the label.",
            {{"version", kVersion}}, 1);
  rusage usage{};
  if (getrusage(RUSAGE_SELF, &usage) == 0) {
    const auto of = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
    };
    out.counter("process_cpu_seconds_total", "Processor time, user and system.", {},
                of(usage.ru_utime) + of(usage.ru_stime));
  }
  uint64_t pages = 0, resident = 0;
  if (std::ifstream statm("/proc/self/statm"); statm >> pages >> resident) {
    const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
    out.gauge("process_resident_memory_bytes", "Memory in use.", {},
              static_cast<double>(resident) * page);
    out.gauge("process_virtual_memory_bytes", "Memory that was mapped.", {},
              static_cast<double>(pages) * page);
  }
  if (DIR* folder = opendir("/proc/self/fd")) {
    int count = -3;  // ".", ".." and the one that lists
    while (readdir(folder) != nullptr) ++count;
    closedir(folder);
    out.gauge("process_open_fds", "Open file descriptors.", {}, count);
  }
}

HttpResponse plain(int status, std::string body) {
  return {status, std::move(body), "text/plain; charset=utf-8", {}};
}

HttpResponse metrics_response(const std::vector<MetricsView>& views) {
  MetricWriter writer;
  for (const MetricsView& view : views) {
    write_metrics(*view.plan, view.status, view.name, writer);
  }
  write_process(writer);
  return {200, writer.text(), std::string(MetricWriter::kContentType), {}};
}

}  // namespace

Result<ListenAddress> parse_listen_address(std::string_view text) {
  const Error bad = stop_error("bad-address", "\"" + std::string(text) + "\" is no HOST:PORT",
                               "for example 127.0.0.1:9090, or 9090");
  ListenAddress address;
  const size_t colon = text.rfind(':');
  std::string_view port = text;
  if (colon != std::string_view::npos) {
    std::string_view host = text.substr(0, colon);
    port = text.substr(colon + 1);
    if (host.starts_with("[") && host.ends_with("]")) {
      host = host.substr(1, host.size() - 2);
      if (host.empty()) return bad;
    } else if (host.find(':') != std::string_view::npos) {
      return bad;  // an IPv6 address needs its brackets
    }
    if (!host.empty()) address.host = host;
  }
  const auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (problem != std::errc() || end != port.data() + port.size() || port.empty()) return bad;
  return address;
}

HttpResponse answer_metrics(const HttpRequest& request, const std::string& token,
                            const MetricsSource& source) {
  const std::string_view path = path_of(request.target);
  if (path != "/metrics" && path != "/healthz" && path != "/readyz") {
    return plain(404, "there is /metrics, /healthz and /readyz\n");
  }
  if (request.method != "GET" && request.method != "HEAD") {
    HttpResponse response = plain(405, "GET only\n");
    response.fields.emplace_back("Allow", "GET, HEAD");
    return response;
  }
  if (path == "/metrics") {
    if (is_allowed(request, token)) return metrics_response(source());
    HttpResponse response = plain(401, "a bearer token is needed\n");
    response.fields.emplace_back("WWW-Authenticate", "Bearer");
    return response;
  }
  std::string failed, starting;
  for (const MetricsView& view : source()) {
    if (view.status.state == RunState::kFailed) failed += view.name + " failed\n";
    else if (view.status.state == RunState::kStarting) starting += view.name + " is starting\n";
    else if (view.status.state == RunState::kDraining) starting += view.name + " is stopping\n";
  }
  if (!failed.empty()) return plain(503, failed);
  if (path == "/readyz" && !starting.empty()) return plain(503, starting);
  return plain(200, "ok\n");
}

Result<std::unique_ptr<HttpServer>> serve_metrics(const ListenAddress& address, std::string token,
                                                  MetricsSource source) {
  if (!is_loopback(address.host) && token.empty()) {
    return stop_error("metrics-open",
                      "--metrics " + address.host + " can be reached from other machines",
                      "listen on 127.0.0.1, or guard it with --metrics-token-file");
  }
  HttpServerOptions options;
  options.host = address.host;
  options.port = address.port;
  options.connections_max = 64;
  options.body_bytes_max = 4096;
  return HttpServer::start(options, [token = std::move(token), source = std::move(source)](
                                        HttpRequest& request, HttpReply reply) {
    reply.send(answer_metrics(request, token, source));
  });
}

}  // namespace penstock
