// SPDX-License-Identifier: Apache-2.0
#include <iterator>

#include "config/code_tables.h"

namespace penstock {

namespace {

constexpr CodeInfo kCodes[] = {
    {"alias-cycle", "A value refers to itself",
     "A YAML alias (*name) repeats the value that was given the anchor (&name). An alias inside "
     "that value would never end.",
     "labels: &all\n  more: *all", "labels: &all\n  team: data"},
    {"bad-interpolation", "A ${…} cannot be read",
     "In values, ${NAME} stands for an environment variable, ${NAME:default} for one with a "
     "default, and ${file:path} for the content of a file, such as a mounted secret. For the "
     "two characters ${ themselves write $${.",
     "message: costs ${5.00}", "message: costs $${5.00}"},
    {"bad-key", "A key of a map is empty or is not a single value",
     "Keys are names. YAML also allows lists and maps as keys; pipelines have no use for them, "
     "and they are mostly an indentation gone wrong.",
     "env:\n  ? [A, B]\n  : 1", "env:\n  A: 1\n  B: 1"},
    {"bad-merge", "A << does not refer to a map",
     "The merge key << copies the entries of another map, or of each map of a list, into this "
     "one; entries written here win.",
     "defaults: &d 5\nstage:\n  <<: *d", "defaults: &d {threads: 5}\nstage:\n  <<: *d"},
    {"control-character", "A byte that is not text",
     "Bytes below 0x20 other than tab and line breaks, and 0x7f, cannot stand in a document. "
     "They often come from a broken editor or a binary file taken for YAML.",
     "message: \"bell: (the byte 0x07)\"", "message: \"bell: \\x07\""},
    {"document-too-deep", "Too many lists and maps inside one another",
     "Documents may be nested 64 deep. Real pipelines need about ten; deeper ones come from a "
     "program gone wrong or from an attack.",
     "config: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[…", "config: [[1]]"},
    {"document-too-large", "The document costs more than a document may",
     "A document may have 4 MiB, 200,000 values and 16 MiB of text after aliases and ${…} have "
     "been expanded, and 10,000 aliases. The limits keep a small file from filling the memory.",
     "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\n# … doubled again and again",
     "a: [x, x]"},
    {"duplicate-key", "A key stands twice in one map",
     "Only one of the two values could be used, and which one is not said. Often a stage's line "
     "lost its dash, so that two list entries became one.",
     "- name: a\n  type: split\n  name: b", "- name: a\n  type: split\n- name: b"},
    {"empty-document", "There is nothing in the file",
     "The file is empty or has only comments.", "# stages: later",
     "stages:\n  - {name: source, type: generator, output_queue: q}\n"
     "  - {name: sink, type: stdout_sink, input_queue: q}\nqueues:\n  - name: q"},
    {"extra-document", "A second document in the file (warning)",
     "A YAML file may hold several documents, divided by ---. Only the first is read.",
     "stages: […]\n---\nstages: […]", "stages: […]"},
    {"ignored-tag", "A YAML tag has no effect (warning)",
     "Tags such as !!binary or !custom are ignored: the field decides how a value is read.",
     "message: !custom hello", "message: hello"},
    {"json-syntax", "The file is not JSON",
     "Files whose name ends in .json are read strictly: double quotes, no comments, no comma "
     "after the last element. YAML files may contain JSON that is less strict.",
     "{\"stages\": [],}", "{\"stages\": []}"},
    {"not-utf8", "The file is not UTF-8 text",
     "Save the file as UTF-8. Latin-1, UTF-16 and binary files are refused at their first wrong "
     "byte.",
     "name: caf\\xe9", "name: café"},
    {"unknown-alias", "An alias without an anchor",
     "A YAML alias (*name) repeats a value that was given the anchor (&name) earlier in the same "
     "document. A text that begins with an asterisk needs quotes.",
     "message: *hello", "message: \"*hello\""},
    {"unknown-dialect", "It is not a known kind of pipeline document",
     "A document is recognised by its top level: a flow has stages and queues; the others have an "
     "apiVersion and a kind.",
     "apiVersion: v1\nkind: ConfigMap", "stages: […]\nqueues: […]"},
    {"unreadable-file", "A file cannot be read",
     "The pipeline file, or a file named by ${file:…}, does not exist, may not be read, or is too "
     "large. Relative paths in ${file:…} start at the pipeline file's folder.",
     "token: ${file:tokn.txt}", "token: ${file:token.txt}"},
    {"unset-variable", "An environment variable is not set",
     "${NAME} without a default must be set when the file is loaded.",
     "url: ${BROKER_URL}", "url: ${BROKER_URL:nats://localhost:4222}"},
    {"unsupported-dialect", "A known kind of document that this version cannot run",
     "The document was recognised, but only flows can be run by this version.",
     "apiVersion: dataflow.argoproj.io/v1alpha1\nkind: Pipeline", "stages: […]\nqueues: […]"},
    {"yaml-syntax", "The file is not YAML",
     "The message says what is wrong at this place; the cause often stands a line above: an "
     "indentation that differs by a space, a tab, a missing quote, or a text with `: ` or ` #` "
     "in it that needs quotes.",
     "message: error: disk full", "message: \"error: disk full\""},
};

}  // namespace

void add_document_codes(std::vector<CodeInfo>& out) {
  out.insert(out.end(), std::begin(kCodes), std::end(kCodes));
}

}  // namespace penstock
