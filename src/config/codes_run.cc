// SPDX-License-Identifier: Apache-2.0
// What can go wrong while a pipeline runs. These have no excerpt: the file is not at fault.
#include <iterator>

#include "config/code_tables.h"

namespace penstock {
namespace {

constexpr CodeInfo kCodes[] = {
    {"bad-gzip", "A compressed file is damaged",
     "What was read up to the damage has been delivered. Bring back the whole file.", "", ""},
    {"disk-full", "There is no room on the disk, or the quota is used up",
     "The pipeline waits and tries again; nothing is lost and nothing is read on. Make room, and "
     "it goes on by itself.",
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
    {"metrics-open", "Metrics would be open to everybody",
     "An address that other machines can reach needs a token.", "", ""},
    {"record-too-large", "A record is larger than one may be",
     "The record is rejected: it goes to the dead letters if the stage has a dead_letter queue; "
     "otherwise the pipeline stops.",
     "", ""},
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
};

}  // namespace

void add_run_codes(std::vector<CodeInfo>& out) {
  out.insert(out.end(), std::begin(kCodes), std::end(kCodes));
}

}  // namespace penstock
