// SPDX-License-Identifier: Apache-2.0
#include <iterator>

#include "config/code_tables.h"

namespace penstock {

namespace {

constexpr CodeInfo kCodes[] = {
    {"bad-boolean", "A field that is on or off has another value",
     "Accepted are true, yes, on and false, no, off, each also with a capital first letter or "
     "in capitals, with or without quotes.",
     "verbose: maybe", "verbose: true"},
    {"bad-choice", "A field with a fixed set of words has another one",
     "The field accepts one of a few words, written exactly so. The message says which word is "
     "near, or lists them.",
     "guarantee: exactly-twice", "guarantee: exactly_once"},
    {"bad-duration", "A length of time cannot be read",
     "A duration is one or more numbers with a unit: us, ms, s, m, h or d. A number without a "
     "unit is refused, because readers would have to guess it; only 0 needs none.",
     "epoch_interval: 100", "epoch_interval: 100ms"},
    {"bad-integer", "A whole number cannot be read",
     "Whole numbers are plain decimal digits, with or without quotes. Fractions, exponents, "
     "hexadecimal, signs other than minus, and separators between digits are refused rather "
     "than guessed.",
     "threads: 2.0", "threads: 2"},
    {"bad-number", "A number cannot be read",
     "Numbers are decimal, with an optional fraction and exponent. Infinity and not-a-number "
     "are refused.",
     "jitter: 20%", "jitter: 0.2"},
    {"bad-size", "A number of bytes cannot be read",
     "A size is a number of bytes or a number with a unit. KB, MB, GB count in thousands; KiB, "
     "MiB, GiB (also Ki, Mi, Gi) in 1024s.",
     "capacity_bytes: 1 megabyte", "capacity_bytes: 1MiB"},
    {"deprecated-field", "A field is out of date (warning)",
     "The field is still read, so that old files keep working, but something better has "
     "replaced it or it no longer has an effect. The hint says what to write.",
     "queues:\n  - {name: q, durable_path: q.dat}", "queues:\n  - {name: q}"},
    {"deprecated-value", "A value is out of date (warning)",
     "The word is still understood, so that old files keep working. The hint says what to "
     "write.",
     "type: QUEUE_TYPE_MPMC", "type: QUEUE_TYPE_IN_MEMORY"},
    {"duplicate-field", "A field is given twice under two of its names",
     "Names may be written in snake_case or in lowerCamelCase, but a field may stand only once, "
     "because it is unclear which of two values is meant.",
     "input_queue: a\ninputQueue: b", "input_queue: a"},
    {"empty-value", "A text that must say something is empty",
     "Names, paths and addresses cannot be empty. To leave an option out, remove its line.",
     "input_queue: \"\"", "input_queue: lines"},
    {"leading-zero", "A number starts with a zero (warning)",
     "In some languages a leading zero makes a number octal. Here it is decimal; write it "
     "without the zero to make that plain.",
     "capacity: 0128", "capacity: 128"},
    {"missing-field", "A field that must be there is not",
     "The field has no default that would make sense. A field that is null or empty counts as "
     "absent.",
     "stages:\n  - name: words", "stages:\n  - name: words\n    type: split"},
    {"out-of-range", "A value is too small or too large",
     "The message says what is allowed.", "threads: 0", "threads: 1"},
    {"unknown-field", "There is no field of this name here",
     "Unknown fields are errors: a misspelt option that is ignored does more harm than one that "
     "is refused. The hint shows the nearest name, or all that exist at this place.",
     "stages:\n  - name: words\n    tpye: split", "stages:\n  - name: words\n    type: split"},
    {"wrong-type", "A list, a map or a single value stands where another kind is wanted",
     "In YAML a list is written with dashes or [ ], a map with `key: value` lines or { }. Often "
     "a dash is missing or too much, or the indentation is off by one level.",
     "stages:\n  name: words\n  type: split", "stages:\n  - name: words\n    type: split"},
};

}  // namespace

void add_option_codes(std::vector<CodeInfo>& out) {
  out.insert(out.end(), std::begin(kCodes), std::end(kCodes));
}

}  // namespace penstock
