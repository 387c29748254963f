// SPDX-License-Identifier: Apache-2.0
#include <iterator>

#include "config/code_tables.h"

namespace penstock {
namespace {

constexpr CodeInfo kCodes[] = {
    {"bad-constant", "A part of an expression that never changes always fails",
     "It was worked out when the expression was compiled, and there is no result.", "price / 0",
     "price / 100"},
    {"bad-expression", "An expression cannot be read",
     "The mark under the line shows where reading ended. `penstock eval` tries expressions.",
     "price >", "price > 100"},
    {"bad-mapping", "A mapping cannot be read",
     "Statements stand one a line: this.a = …, let x = …, if … { … } else { … }, match … { … }, "
     "for x in … { … }, delete(this.a), rename this.a to this.b, reject(\"why\"), drop.",
     "total = price * count", "this.total = price * count"},
    {"type-mismatch", "An operator or a function of an expression gets what it cannot take",
     "No record could make it work: the types are known without one.", "\"total: \" + 5",
     "\"total: \" + string(5)"},
    {"unknown-function", "An expression calls a function that there is not",
     "`penstock docs` lists the functions of each dialect.", "uper(name)", "upper(name)"},
    {"unknown-member", "An expression reads a member that the schema does not have",
     "With a schema every field is known; one that it does not name would always be nil.",
     "bid.prise > 5", "bid.price > 5"},
    {"unknown-name", "An expression uses a name that means nothing where it stands",
     "Where there is no record, only the names of the place and its functions can be used.",
     "price > 5", "pending > 5"},
};

}  // namespace

void add_expression_codes(std::vector<CodeInfo>& out) {
  out.insert(out.end(), std::begin(kCodes), std::end(kCodes));
}

}  // namespace penstock
