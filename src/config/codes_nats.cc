// SPDX-License-Identifier: Apache-2.0
// What can go wrong between a running pipeline and a NATS server.
#include <iterator>

#include "config/code_tables.h"

namespace penstock {
namespace {

constexpr CodeInfo kCodes[] = {
    {"jetstream-busy", "JetStream refuses something for now",
     "The stream is full, or the server is short of something or just beginning. The record is "
     "kept and published again; the detail has the server's words.",
     "", ""},
    {"jetstream-no-consumer", "A stream has no consumer of that name",
     "It was never made, or it was deleted while the pipeline ran; where it stood is gone with it. "
     "At the next start the pipeline makes it anew, unless create_consumer is false.",
     "", ""},
    {"jetstream-no-stream", "There is no such stream, or none takes the subject",
     "JetStream stores a message only where a stream has its subject. Make the stream, or let the "
     "pipeline do so with create_stream.",
     "", ""},
    {"jetstream-off", "A NATS server does not offer JetStream",
     "It was started without it, the account has none, or the server is just beginning.", "", ""},
    {"jetstream-poison", "A message was delivered too often",
     "It was delivered more often than poison_after says and was never done: the pipeline ended "
     "with it each time, or was killed by it. It is rejected, and the server does not give it "
     "again.",
     "", ""},
    {"jetstream-refused", "JetStream refuses what it was asked for",
     "The stream or the consumer is there with other settings, belongs to something else, or may "
     "not be used so. The detail has the server's words.",
     "", ""},
    {"nats-auth", "A NATS server refuses the log-in",
     "User, password, token, nkey or credentials are wrong or have expired. Trying again would "
     "not help, so the pipeline stops.",
     "", ""},
    {"nats-lost", "A connection to a NATS server is over",
     "The pipeline connects again by itself; what was not confirmed is sent or read again.", "",
     ""},
    {"nats-no-responders", "Nobody answers a request over NATS",
     "Nothing listens to its subject now; a server that is just beginning says so for a while.",
     "", ""},
    {"nats-permission", "A NATS server forbids a subject",
     "The user may not publish or subscribe there; the detail names it. JetStream needs "
     "$JS.API.> and $JS.ACK.> as well, and _INBOX.> for answers.",
     "", ""},
    {"nats-timeout", "A NATS server does not answer in time",
     "The connection is given up and another one is made.", "", ""},
    {"nats-tls", "An encrypted connection to a NATS server cannot be made",
     "A certificate is not trusted or not readable, or one side speaks TLS and the other does not.",
     "", ""},
    {"nats-unreachable", "No NATS server can be reached",
     "At the start the pipeline stops after connect_timeout; later it tries without end.", "", ""},
};

}  // namespace

void add_nats_codes(std::vector<CodeInfo>& out) {
  out.insert(out.end(), std::begin(kCodes), std::end(kCodes));
}

}  // namespace penstock
