// SPDX-License-Identifier: Apache-2.0
#include "spec/yaml_problems.h"

namespace penstock {
namespace {

struct Known {
  std::string_view complaint;
  const char* what;
  const char* hint;
};

constexpr const char* kMisaligned = "this line continues neither the list nor the map above it";
constexpr const char* kAlign =
    "keys of one map stand below one another, and so do the dashes of one list";

constexpr Known kKnown[] = {
    {"mapping values are not allowed in this context", "a `:` stands where no key can be",
     "put quotes around a value that contains `: `; or the line above lacks its `:` or is "
     "indented differently"},
    {"did not find expected key", kMisaligned, kAlign},
    {"did not find expected '-' indicator", kMisaligned, kAlign},
    {"block sequence entries are not allowed in this context", "a list cannot begin here",
     "put the dash on a line of its own, below the key"},
    {"could not find expected ':'", "a key without its `:`",
     "write `name: value` with a space after the colon"},
    {"did not find expected ',' or ']'", "a list in [ ] is not closed, or a comma is missing",
     "add `,` or `]`"},
    {"did not find expected ',' or '}'", "a map in { } is not closed, or a comma is missing",
     "add `,` or `}`"},
    {"did not find expected node content", "a value is missing here",
     "write the value, or remove the comma or bracket"},
    {"did not find expected <document start>", "text after the end of the document",
     "check the indentation of this line; a second document begins with ---"},
    {"found unexpected end of stream", "a quoted text is not closed before the file ends",
     "add the closing quote"},
    {"found unexpected document indicator", "a quoted text is not closed before the next document",
     "add the closing quote"},
    {"found unknown escape character", "this escape does not exist in double quotes",
     "write the backslash twice, or use single quotes"},
    {"did not find expected hexdecimal number", "an escape wants hexadecimal digits",
     "write \\x41 or \\u0041"},
    {"found invalid Unicode character escape code", "this escape is not a Unicode character",
     "write the character itself"},
    {"found a tab character that violates indentation", "a tab cannot indent", "use spaces"},
    {"found a tab character where an indentation space is expected", "a tab cannot indent",
     "use spaces"},
    {"found undefined tag handle", "a tag that is not declared",
     "remove it, or put the text in quotes"},
    {"found an indentation indicator equal to 0", "a block text cannot be indented by 0",
     "remove the digit after | or >"},
    {"did not find expected comment or line break", "only a comment can follow here",
     "begin the block text on the next line"},
    {"did not find expected alphabetic or numeric character",
     "an anchor or alias wants a name of letters and digits",
     "put the text in quotes if it is not an alias"},
    {"found incompatible YAML document", "this version of YAML is not known",
     "remove the %YAML line"},
};

}  // namespace

YamlProblem yaml_problem(std::string_view complaint, std::string_view text, size_t offset) {
  if (complaint == "found character that cannot start any token") {
    const char c = offset < text.size() ? text[offset] : '\0';
    if (c == '\t') return {"a tab cannot indent", "use spaces", false, false};
    return {std::string("a value cannot begin with ") + (c ? std::string(1, c) : "this"),
            "put the value in quotes", false, false};
  }
  for (const Known& known : kKnown) {
    if (known.complaint != complaint) continue;
    const bool at_opening = complaint == "found unexpected end of stream" ||
                            complaint == "found unexpected document indicator" ||
                            complaint == "could not find expected ':'";
    const bool in_brackets = complaint == "did not find expected ',' or ']'" ||
                             complaint == "did not find expected ',' or '}'";
    return {known.what, known.hint, at_opening, in_brackets};
  }
  return {"not YAML: " + std::string(complaint), "", false, false};
}

}  // namespace penstock
