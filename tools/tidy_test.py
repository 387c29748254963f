#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of tools/tidy: small trees that break one rule each, and a tree that breaks none."""
import importlib.machinery
import importlib.util
import os
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
LOADER = importlib.machinery.SourceFileLoader("tidy", os.path.join(HERE, "tidy"))
tidy = importlib.util.module_from_spec(importlib.util.spec_from_loader("tidy", LOADER))
LOADER.exec_module(tidy)

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
HEADER = SPDX + "#pragma once\n"
GOOD = {
    "src/LAYERS": "base:\nnet: base\n",
    "src/CMakeLists.txt": "penstock_room(base)\npenstock_room(net ROOMS base LIBS ssl)\n",
    "src/base/a.h": HEADER + "int a();\n",
    "src/net/b.cc": SPDX + '#include "base/a.h"\nint b() { return a(); }\n',
    "README.md": "# House\nSee [b](src/net/b.cc), [here](#house) and `src/base/a.h`.\n",
}


def rules_broken(changes):
    with tempfile.TemporaryDirectory() as root:
        for path, text in {**GOOD, **changes}.items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                file.write(text)
        problems, _ = tidy.problems_of(root)
        return [(p.path, p.line, p.rule) for p in problems]


class Tidy(unittest.TestCase):
    def only(self, changes, path, line, rule):
        self.assertEqual(rules_broken(changes), [(path, line, rule)])

    def none(self, changes):
        self.assertEqual(rules_broken(changes), [])

    def code(self, line, rule):
        self.only({"src/base/c.cc": SPDX + line + "\n"}, "src/base/c.cc", 2, rule)

    def test_a_good_tree_has_no_problems(self):
        self.none({})

    def test_an_include_against_the_arrows(self):
        self.only({"src/base/c.cc": SPDX + '#include "net/d.h"\n', "src/net/d.h": HEADER},
                  "src/base/c.cc", 2, "arrow")

    def test_an_include_that_is_not_written_from_src(self):
        self.code('#include "a.h"', "arrow")

    def test_a_test_may_use_the_rooms_of_its_test_line(self):
        self.none({"src/LAYERS": "base:\nbase.test: net\nnet: base\n", "src/net/d.h": HEADER,
                   "src/base/c_test.cc": SPDX + '#include "net/d.h"\n'})

    def test_rooms_that_are_linked_otherwise_than_declared(self):
        self.only({"src/CMakeLists.txt": "penstock_room(base)\npenstock_room(net)\n"},
                  "src/CMakeLists.txt", 2, "rooms")

    def test_a_room_that_points_forward(self):
        broken = rules_broken({"src/LAYERS": "base: net\nnet: base\n"})
        self.assertIn(("src/LAYERS", 1, "rooms"), broken)

    def test_a_cycle_of_headers(self):
        self.only({"src/base/c.h": HEADER + '#include "base/d.h"\n',
                   "src/base/d.h": HEADER + '#include "base/c.h"\n'}, "src/base/c.h", 1, "cycle")

    def test_a_file_at_and_beyond_the_limit(self):
        self.none({"src/base/c.cc": SPDX + "int x;\n" * 599})
        self.only({"src/base/c.cc": SPDX + "int x;\n" * 600}, "src/base/c.cc", 1, "file-length")

    def test_a_function_at_and_beyond_the_limit(self):
        body = "  f(1'000, '{', \"}\", R\"x(})x\");  // {\n"
        self.none({"src/base/c.cc": SPDX + "int f() {\n" + body * 68 + "}\n"})
        self.only({"src/base/c.cc": SPDX + "int f() {\n" + body * 69 + "}\n"},
                  "src/base/c.cc", 2, "function-length")

    def test_a_long_class_is_not_a_long_function(self):
        self.none({"src/base/c.h": HEADER + "class alignas(64) C final {\n" +
                   "  int f(int x = {}) { return x; }\n" * 80 + "};\n"})

    def test_a_long_method_inside_a_class_counts(self):
        self.only({"src/base/c.h": HEADER + "struct C {\n  C() : a{1}, b(2) {\n" +
                   "    if (a) { b = 1; }\n" * 70 + "  }\n};\n"},
                  "src/base/c.h", 4, "function-length")

    def test_long_lines_tabs_banners_and_licence(self):
        self.code("// " + "x" * 98, "columns")
        self.code("int x;\t", "space")
        self.code("// ----------", "banner")
        self.only({"src/base/c.cc": "int x;\n"}, "src/base/c.cc", 1, "spdx")
        self.only({"src/base/c.h": SPDX}, "src/base/c.h", 1, "pragma-once")

    def test_banned_constructs(self):
        for line in ("std::regex r;", "using namespace std;", "x.detach();", "throw 1;",
                     "std::this_thread::sleep_for(x);", "co_await x;", "assert(x);",
                     "auto t = std::chrono::steady_clock::now();", "int x = rand();"):
            with self.subTest(line):
                self.code(line, "banned")

    def test_words_in_comments_and_strings_are_not_banned(self):
        self.none({"src/base/c.cc": SPDX + 'auto x = "throw 1;";  // throw, assert(x), co_await\n'})

    def test_the_clock_may_read_the_clock(self):
        self.none({"src/base/clock.cc": SPDX + "auto t = std::chrono::steady_clock::now();\n"})

    def test_an_exception_with_its_reason(self):
        self.none({"src/base/c.cc": SPDX + "throw 1;  // tidy-allow: banned because a test\n"})
        self.code("throw 1;  // tidy-allow: banned", "banned")

    def test_vague_names_and_unfinished_work(self):
        self.only({"src/base/string_utils.h": HEADER}, "src/base/string_utils.h", 1, "name")
        self.only({"src/base/common/x.h": HEADER}, "src/base/common", 0, "name")
        self.code("// TO" "DO: later", "unfinished")

    def test_heavy_headers_stay_out_of_headers(self):
        self.only({"src/base/c.h": HEADER + "#include <boost/asio.hpp>\n"},
                  "src/base/c.h", 3, "heavy-header")
        self.none({"src/base/c.cc": SPDX + "#include <boost/asio.hpp>\n"})

    def test_machine_paths(self):
        self.code('auto x = "/tmp/' 'x";', "machine-path")

    def test_a_component_has_its_papers(self):
        layers = {"src/LAYERS": "base:\nstages: base\n",
                  "src/CMakeLists.txt": "penstock_room(base)\npenstock_room(stages ROOMS base)\n",
                  "src/net/b.cc": SPDX, "src/stages/map/map.cc": SPDX}
        broken = {(p, rule) for p, _, rule in rules_broken(layers) if "map" in p}
        self.assertEqual(broken, {("src/stages/map/README.md", "component"),
                                  ("src/stages/map/example.yaml", "component")})

    def test_tests_are_sentences_that_can_fail(self):
        self.only({"src/base/c_test.cc": SPDX + "TEST(C, Works) { EXPECT_TRUE(x); }\n"},
                  "src/base/c_test.cc", 2, "test-name")
        self.only({"src/base/c_test.cc": SPDX + "TEST(C, adds_up) { add(); }\n"},
                  "src/base/c_test.cc", 2, "test-asserts")

    def test_links_that_lead_nowhere(self):
        for text in ("[x](nowhere.md)\n", "[x](#nowhere)\n", "`src/base/nowhere.h`\n"):
            with self.subTest(text):
                self.only({"README.md": text}, "README.md", 1, "link")
        self.none({"README.md": "[x](https://example.org) `build/x`\n```\n[x](y.md)\n```\n"})


if __name__ == "__main__":
    unittest.main()
