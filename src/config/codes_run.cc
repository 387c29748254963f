// SPDX-License-Identifier: Apache-2.0
// What can go wrong while a pipeline runs. These have no excerpt: the file is not at fault.
#include <iterator>

#include "config/code_tables.h"

namespace penstock {
namespace {

constexpr CodeInfo kCodes[] = {
    {"bad-gzip", "A compressed file is damaged",
     "What was read up to the damage has been delivered. Bring back the whole file.", "", ""},
    {"bad-json", "A payload is not JSON",
     "The message names the byte, counted from 0. The record goes to the dead letters.", "", ""},
    {"cannot-decode", "A payload is not what its format says",
     "The record is at fault: its bytes are not of the format and schema that the stage was told. "
     "The message names the byte, counted from 0.",
     "", ""},
    {"cannot-encode", "A value cannot be written in a format",
     "The format or its schema has no place for the value; the message names the member. Change "
     "the value ahead of the stage, or the schema.",
     "", ""},
    {"cannot-reload", "A running pipeline cannot go over to its changed file",
     "It runs on as it was. A reload keeps positions and state, so what they are kept under has to "
     "stay, and every source has to be able to read on.",
     "", ""},
    {"codec-limit", "A payload is larger or deeper than a codec takes",
     "What one payload may cost has limits, whatever its bytes are; the message says which one. "
     "The options of decode and encode raise them.",
     "", ""},
    {"disk-full", "There is no room on the disk, or the quota is used up",
     "The pipeline waits and tries again; nothing is lost and nothing is read on. Make room, and "
     "it goes on by itself.",
     "", ""},
    {"expression-failed", "An expression has no result for a record",
     "A value is not of the kind that an operator or a function needs, often because a member is "
     "missing. The detail names the part of the expression. Say what stands for a missing member.",
     "price * 2", "(price ?? 0) * 2"},
    {"expression-memory", "An expression needs too much memory",
     "What an expression makes for one batch is limited, so that no record can take the whole "
     "machine. Make smaller batches, or values that do not grow with their own length.",
     "", ""},
    {"expression-steps", "An expression takes too long",
     "The work for one record is limited, so that no record can stop the pipeline. Closures in "
     "closures over long arrays are the usual reason.",
     "", ""},
    {"file-exists", "A file that a sink would make is already there",
     "Under exactly_once a finished file is not added to. With {part} in the path each part is a "
     "file of its own; append: false replaces the file.",
     "", ""},
    {"file-gone", "A file was removed or replaced before it was read to its end",
     "The saved position is inside a file that is no longer there. Bring it back, or reset the "
     "positions.",
     "", ""},
    {"file-in-use", "Another task or process writes the same file",
     "A file has one writer. Give each sink a path of its own; {task} in the path tells tasks "
     "apart.",
     "", ""},
    {"file-not-found", "A file is not there",
     "The path of a source names a file that does not exist. A pattern, unlike a name, may match "
     "nothing.",
     "", ""},
    {"file-too-large", "A file is longer than it may be",
     "A file of the state folder is longer than what was written there. Something else wrote it, "
     "or the disk is damaged.",
     "", ""},
    {"http-bad-encoding", "A body came in a transfer encoding that is not known",
     "Only chunked bodies and bodies with a Content-Length are read.", "", ""},
    {"http-bad-message", "What came is not HTTP",
     "The connection is answered with 400 and closed. Perhaps the client speaks TLS to a plain "
     "port, or another protocol.",
     "", ""},
    {"http-bad-response", "A server's answer is not HTTP",
     "The connection is closed and the request is tried again. Perhaps the port belongs to "
     "something else.",
     "", ""},
    {"http-body-too-large", "A body is larger than allowed",
     "The request is answered with 413. Raise the source's body limit, or send less at once.", "",
     ""},
    {"http-busy", "A server asks to wait",
     "It answered 429 or 503. The request is tried again after the time that it asked for, or "
     "after a pause that grows.",
     "", ""},
    {"http-cancelled", "A request was given up because the pipeline stops",
     "What was not confirmed is sent again when the pipeline runs again.", "", ""},
    {"http-client-full", "Too many requests wait for a connection",
     "The outside is slower than the pipeline. The records are tried again.", "", ""},
    {"http-closed", "A connection ended before the answer came",
     "Whether the server took the request is unknown, so it is sent again.", "", ""},
    {"http-connect", "No connection could be made",
     "The server is not there, or something between refuses. It is tried again.", "", ""},
    {"http-header-too-large", "A request's header is larger than allowed",
     "The request is answered with 431.", "", ""},
    {"http-listen", "An address cannot be listened on",
     "Another program has the port, the address is not one of this machine, or the port needs "
     "rights that this program does not have.",
     "", ""},
    {"http-refused", "A server refused a request for good",
     "It answered with a status that says that the request is at fault. Its records go to the "
     "dead letters.",
     "", ""},
    {"http-response-too-large", "A server's answer is larger than allowed",
     "The connection is closed. Answers to a sink are expected to be short.", "", ""},
    {"http-timeout", "An answer did not come in time",
     "Whether the server took the request is unknown, so it is sent again.", "", ""},
    {"io-error", "A file, pipe or device failed",
     "The message says what was done and the detail what the system answered. The pipeline stops "
     "with its positions as they were at the last commit, and goes on from there when it is "
     "started again.",
     "", ""},
    {"kafka-credentials", "Kafka's brokers do not let us in",
     "The user, the password or a certificate is wrong, or the mechanism is not one that the "
     "brokers offer. Waiting does not help, so nothing is tried again.",
     "", ""},
    {"kafka-fenced", "Another producer took over a transactional_id",
     "Two processes use the same transactional_id, or this one was stopped for longer than its "
     "transaction may last. What it had written since its last commit is taken back; it starts "
     "again from there.",
     "", ""},
    {"kafka-offset-gone", "A partition does not have the offset that is to be read next",
     "Retention removed it, or the topic was deleted and made anew. With `lost: skip` the source "
     "goes on at the first record that is there.",
     "", ""},
    {"kafka-partition-lost", "Partitions went to another member of the group too early",
     "What was read of them was not delivered in time, or the group took this process for dead. It "
     "starts again from the last commit; nothing is lost.",
     "", ""},
    {"kafka-record-refused", "A topic does not take a record",
     "A compacted topic wants keys, and a broker's policy may want more. The record goes to the "
     "dead letters.",
     "", ""},
    {"kafka-topic-missing", "A topic or partition is not there",
     "Nobody made it, its name is wrong, or it was deleted. A sink makes it with create: true.", "",
     ""},
    {"kafka-unauthorized", "Kafka's brokers do not allow it",
     "The user lacks an ACL for the topic, group or transactional_id that the message names. The "
     "pipeline stops with its positions uncommitted: nothing is lost.",
     "", ""},
    {"kafka-unavailable", "Kafka's brokers did not do what was asked",
     "The detail says what they answered. The pipeline starts again from its last commit, and goes "
     "on trying.",
     "", ""},
    {"kafka-unreachable", "No Kafka broker answers",
     "The address is wrong, no broker runs there, or it speaks TLS or SASL and the file does not "
     "say so. The last thing that the client noticed stands in the message.",
     "", ""},
    {"member-conflict", "Two members of a document want the same place",
     "`expand` was told to reject such records. Let the first or the last count instead.",
     "{\"a\": 1, \"a.b\": 2} with conflict: reject", "conflict: last"},
    {"metrics-open", "Metrics would be open to everybody",
     "An address that other machines can reach needs a token.", "", ""},
    {"no-match", "A text does not match a pattern",
     "`regex_parse` rejects such records unless it is told to let them pass or end.",
     "no number here, with pattern (?P<n>[0-9]+)", "on_no_match: pass"},
    {"not-an-object", "A document is no JSON object",
     "Only objects can be flattened or expanded. The record is rejected.", "[1, 2]",
     "{\"a\": [1, 2]}"},
    {"not-in-table", "A table has no row for a record",
     "`enrich` rejects such records if it is told to; it can let them pass or end as well.",
     "on_miss: reject", "on_miss: keep"},
    {"not-json", "A result cannot be written as JSON",
     "JSON has no NaN and no infinity, and nesting is limited to 256 levels.", "", ""},
    {"record-too-large", "A record is larger than one may be",
     "The record is rejected: it goes to the dead letters if the stage has a dead_letter queue; "
     "otherwise the pipeline stops.",
     "", ""},
    {"rejected", "A mapping rejected a record",
     "The mapping says reject(…); the message is what it gave as the reason.",
     "{\"price\": -1}, with if price < 0 { reject(\"negative\") }", "{\"price\": 1}"},
    {"state-changed", "The state folder was written by another pipeline",
     "The stages that keep state are not those that wrote the folder. Give stages back their "
     "names, let the old file run to its end first, or forget the old state.",
     "", ""},
    {"state-damaged", "A file of the state folder is damaged",
     "Its checksum or length is wrong. Files are written whole and renamed, so a crash does not do "
     "this: look after the disk.",
     "", ""},
    {"state-format", "Saved state cannot be understood",
     "A stage found state that it cannot have written. The stage's type may have changed under the "
     "same name.",
     "", ""},
    {"state-locked", "Another process uses the state folder",
     "A pipeline runs once at a time on one state folder. Stop the other process, or give this "
     "pipeline a name or folder of its own.",
     "", ""},
    {"state-too-large", "There are too many positions or stages for one commit",
     "The commit point is one file with a limit. Fewer partitions or a divided pipeline fit.", "",
     ""},
    {"state-too-new", "The state folder was written by a newer version",
     "This version does not know the format. Run the newer version again, or start anew with "
     "another state folder.",
     "", ""},
    {"state-unsettled", "The disk failed while a commit point was written",
     "Whether it was written is unknown until the folder is opened again. Look after the disk and "
     "start again: nothing is lost.",
     "", ""},
    {"stdout-closed", "Nobody reads standard output any more",
     "The program at the other end of the pipe has ended. The pipeline stops with the records that "
     "were not written undelivered.",
     "", ""},
    {"tls-refused", "No secure connection could be made",
     "The other side's certificate is not trusted, is for another name or has expired, or no "
     "common protocol was found.",
     "", ""},
    {"tls-setup", "A certificate or key cannot be used",
     "The file is not there, is not PEM, or key and certificate do not belong together.", "", ""},
    {"topic-damaged", "A file of a topic is not what was written",
     "The message names the file and the place. What stands in front of it has been delivered. "
     "Restore the topic's folder from a copy, or delete the topic.",
     "", ""},
    {"topic-exists", "A topic is there with other settings",
     "Its settings are fixed when it is made. `penstock topic describe` shows them.", "", ""},
    {"topic-group-in-use", "Another process reads as the same consumer group",
     "Two readers of one group would both read everything. Give each pipeline a group of its own; "
     "tasks of one stage share theirs.",
     "", ""},
    {"topic-in-use", "Another process writes a topic",
     "One process at a time writes a topic; any number may read it. The message names the process.",
     "", ""},
    {"topic-not-found", "There is no such topic",
     "`penstock topic list` shows those that are there, `penstock topic create` makes one.", "",
     ""},
    {"topic-offset-gone", "Records of a topic were removed before they were read",
     "The topic's retention removed them. `lost: skip` goes on with the first that is there.", "",
     ""},
    {"topic-pending", "A topic holds records that wait for their commit",
     "A pipeline wrote them exactly once and did not come to its commit. Run it on, or take them "
     "back with `penstock topic write --abort NAME`.",
     "", ""},
    {"topic-records-lost", "Committed records are missing at the end of a topic",
     "A power cut takes what `durability: kill` did not sync. `penstock positions reset` begins "
     "anew; `durability: power` keeps it from happening again.",
     "", ""},
    {"topic-rewritten", "A topic is not the one that was read",
     "It was made anew, or a power cut took what its writer's policy had not synced. `lost: skip` "
     "goes on with what is there.",
     "", ""},
    {"topic-sync-failed", "The disk could not write a topic's records for good",
     "Nothing that was not synced counts as written. The pipeline stops and starts again from its "
     "last commit. Look after the disk.",
     "", ""},
    {"topic-too-new", "A topic was written by a newer program",
     "This program does not know the format of its files. Use the newer program.", "", ""},
    {"two-commit-points", "Sinks commit to different places",
     "Under exactly_once all sinks with transactions must write to one cluster with one "
     "transactional_id: no transaction spans two.",
     "", ""},
};

}  // namespace

void add_run_codes(std::vector<CodeInfo>& out) {
  out.insert(out.end(), std::begin(kCodes), std::end(kCodes));
}

}  // namespace penstock
