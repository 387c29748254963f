// SPDX-License-Identifier: Apache-2.0
#include <iterator>

#include "config/code_tables.h"

namespace penstock {
namespace {

constexpr CodeInfo kCodes[] = {
    {"bad-address", "An address to listen on cannot be read",
     "It is a port, or a host and a port.", "--metrics 9090/metrics", "--metrics 127.0.0.1:9090"},
    {"bad-argument", "The command line cannot be read",
     "A command, flag or value is not known. `penstock COMMAND --help` shows what there is.",
     "penstock run flow.yaml --output yaml", "penstock run flow.yaml --output json"},
    {"bad-body", "A request's body is not what the source expects",
     "The source was told how the bodies of requests are framed; this one is not framed so. The "
     "request is answered with an error and nothing of it is taken.",
     "POST with framing json_array: {\"a\": 1}", "POST with framing json_array: [{\"a\": 1}]"},
    {"bad-delimiter", "A delimiter is not one byte",
     "Records are divided at one byte. In YAML a line break needs double quotes.",
     "delimiter: '\\n'", "delimiter: \"\\n\""},
    {"bad-file", "A file given to a command cannot be used",
     "The command needs a readable pipeline file, and says what is wrong with this one.",
     "penstock positions show flow.txt", "penstock positions show flow.yaml"},
    {"bad-header", "A header cannot be sent",
     "The name or value contains a byte that may not stand in an HTTP header, or it is one that "
     "the client sets itself.",
     "headers: {\"X Trace\": a}", "headers: {X-Trace: a}"},
    {"bad-path", "A path cannot be used",
     "The path is empty, names a folder, or has a {…} that is not known. A path on a server begins "
     "with /.",
     "path: out/{date}.txt", "path: out/{task}.txt"},
    {"bad-pattern", "A pattern cannot be read",
     "Patterns are RE2 regular expressions: the usual syntax without back-references and "
     "look-around.",
     "matches: \"(a\"", "matches: \"(a)\""},
    {"bad-position", "A saved position cannot be read",
     "The position was saved by another version of the source, or with other options. Reset it "
     "with `penstock positions reset`.",
     "a generator whose number of partitions changed", "penstock positions reset flow.yaml"},
    {"bad-schema", "A schema cannot be used",
     "An Avro schema or a protobuf descriptor set cannot be read, or the schema that payloads were "
     "written with does not fit the one that they are read with. The message names the place.",
     "avro: {framing: raw, schema: '{\"type\": \"strin\"}'}",
     "avro: {framing: raw, schema: '{\"type\": \"string\"}'}"},
    {"bad-stream-name", "A stream or consumer cannot have this name",
     "JetStream's names have no blanks, dots, slashes and wildcards.",
     "stream: orders.new", "stream: ORDERS_NEW"},
    {"bad-subject", "A subject cannot be published to, or not be listened to",
     "Subjects are words joined by dots. To listen, * stands for one word and a final > for any "
     "number of them; one cannot publish to either.",
     "subject: orders..new", "subject: orders.new"},
    {"bad-table", "A file is not the table that a stage needs",
     "The message names the row. At the start the pipeline stops; later the table as it was read "
     "before stays in use, and the log says so.",
     "id,name\n7,Ann\n7,Bo", "id,name\n7,Ann\n8,Bo"},
    {"bad-template", "A template cannot be read",
     "The text between the braces of a template is not one of the known words.",
     "payload: \"{{sequnce}}\"", "payload: \"{{sequence}}\""},
    {"bad-topic-name", "A topic, group or transaction cannot have this name",
     "Names are 1 to 200 letters, digits, '.', '_' and '-', and do not begin with '.'.",
     "topic: orders/new", "topic: orders.new"},
    {"bad-topic-settings", "A topic cannot have these settings",
     "The message names the limit: 1 to 1024 partitions, segments of 4KiB to 16GiB, records of at "
     "most 512MiB.",
     "penstock topic create orders --partitions 0", "penstock topic create orders --partitions 4"},
    {"bad-url", "An address cannot be read", "Addresses are written in full, with http or https.",
     "url: localhost:8080/in", "url: http://localhost:8080/in"},
    {"kafka-bad-property", "A property of librdkafka cannot be set",
     "There is no property of that name, its value cannot be read, or it is one that the component "
     "sets itself; then the message names the option to use.",
     "properties: {fetch.min.byte: \"1\"}", "properties: {fetch.min.bytes: \"1\"}"},
    {"no-pipeline", "There is no pipeline file in a folder",
     "`run` and its like take a file, or a folder whose *.yaml, *.yml and *.json files are "
     "pipelines.",
     "penstock run empty_folder", "penstock run flows"},
    {"no-state-folder", "There is nowhere to keep positions",
     "Positions and state are kept below the home folder. Without one, say where, or say that "
     "nothing is to be kept.",
     "env -u HOME penstock run flow.yaml", "penstock run flow.yaml --state state"},
    {"no-token", "A file that should hold a token is empty or not there",
     "The token is the file's first line.", "penstock run … --metrics-token-file /dev/null",
     "penstock run … --metrics-token-file token.txt"},
    {"no-topics-folder", "There is nowhere to keep topics",
     "Neither the option folder nor PENSTOCK_TOPICS, XDG_DATA_HOME or HOME names a folder.",
     "HOME= penstock topic list", "penstock topic list --folder topics"},
    {"not-a-file", "A path does not name a file",
     "The path names a folder, pipe or device. A pattern reads the files of a folder, and the "
     "source stdin reads pipes.",
     "path: logs", "path: logs/*"},
    {"not-running", "The pipeline does not run here",
     "`penstock tap` looks into a run through a socket in its state folder. Start the pipeline; "
     "name the folder with --state if the run was given one. A run with --no-state cannot be "
     "looked at.",
     "", ""},
    {"one-file-many-tasks", "Several tasks would write one file",
     "Each task writes a file of its own; {task} in the path makes their names differ.",
     "threads: 2\nconfig: {path: out.ndjson}", "threads: 2\nconfig: {path: \"out-{task}.ndjson\"}"},
    {"option-conflict", "Two options do not go together",
     "Each of them is right by itself; together they have no meaning. The message names both.",
     "follow: true\ncompression: gzip", "follow: true"},
    {"replay-state", "Dead letters would pass a stage that keeps state",
     "A replay is a run of its own and does not have the pipeline's state. Hand the letters back "
     "to the topic that a source reads: `penstock dlq replay FILE --to SOURCE`.",
     "", ""},
    {"same-name", "Two pipelines of one run have the same name",
     "Positions and state are kept by name, so the two would overwrite each other's.",
     "# a.yaml\nname: words\n# b.yaml\nname: words",
     "# a.yaml\nname: words\n# b.yaml\nname: more_words"},
    {"token-required", "A source would listen to everybody",
     "A server that listens on more than this machine must ask for a token, or be told in so many "
     "words that it need not.",
     "listen: 0.0.0.0:8080", "listen: 0.0.0.0:8080\ntoken: ${file:token.txt}"},
};

}  // namespace

void add_component_codes(std::vector<CodeInfo>& out) {
  out.insert(out.end(), std::begin(kCodes), std::end(kCodes));
}

}  // namespace penstock
