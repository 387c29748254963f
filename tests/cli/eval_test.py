#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""eval: results, exit codes, messages with carets, explanations."""
import unittest

from program import Case

DOCUMENTS = '{"a":1,"b":"x"}\n\n{"a":2,"b":"\\u00e9"}\n'


class Eval(Case):
    def test_a_result_for_each_document(self):
        result = self.penstock("eval", "a * 2", given=DOCUMENTS)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "2\n4\n", ""))
        path = self.write("in.ndjson", DOCUMENTS)
        result = self.penstock("eval", '{"b": b, "n": a}', path)
        self.assertEqual(result.stdout, '{"b":"x","n":1}\n{"b":"é","n":2}\n')

    def test_what_reads_nothing_is_evaluated_once(self):
        result = self.penstock("eval", "1 + 2")
        self.assertEqual((result.returncode, result.stdout), (0, "3\n"))

    def test_text_without_quotes(self):
        self.assertEqual(self.penstock("eval", "b", given=DOCUMENTS).stdout, '"x"\n"é"\n')
        self.assertEqual(self.penstock("eval", "--raw", "b", given=DOCUMENTS).stdout, "x\né\n")

    def test_documents_that_fail_are_named_and_the_others_go_on(self):
        result = self.penstock("eval", "a + 1", given='{"a":1}\nno json\n\n{"a":"x"}\n{"a":3}\n')
        self.assertEqual((result.returncode, result.stdout), (1, "2\n4\n"))
        self.assertIn("line 2: bad-json: ", result.stderr)
        self.assertIn("line 4: expression-failed: ", result.stderr)

    def test_an_expression_that_cannot_be_compiled_gets_a_caret(self):
        result = self.penstock("eval", "uper(b) == 1")
        self.assertEqual((result.returncode, result.stdout), (2, ""))
        self.assertIn("1:1: error[unknown-function]", result.stderr)
        self.assertIn("  | uper(b) == 1\n  | ^~~~", result.stderr)
        self.assertIn('did you mean "upper"?', result.stderr)

    def test_the_dialect_of_argo(self):
        result = self.penstock("eval", "--dialect", "argo", "object(msg).a", given='{"a":7}\n')
        self.assertEqual((result.returncode, result.stdout), (0, "7.0\n"), result.stderr)

    def test_a_mapping_from_a_file(self):
        path = self.write("m.map", "this.c = a + 1\nif a > 1 { drop }\n")
        result = self.penstock("eval", "--mapping", path, given=DOCUMENTS)
        self.assertEqual((result.returncode, result.stdout), (0, '{"a":1,"b":"x","c":2}\n'))
        bad = self.write("bad.map", "this.c = 1\n  c = 2\n")
        result = self.penstock("eval", "--mapping", bad, given=DOCUMENTS)
        self.assertEqual(result.returncode, 2)
        self.assertIn("2:3: error[bad-mapping]", result.stderr)
        self.assertIn("write this.c = …", result.stderr)

    def test_the_environment_and_files_can_be_read(self):
        self.env["REGION"] = "north"
        self.write("site.txt", "a\n")
        for expression, expected in (
                ("sprig.env('REGION') + sprig.env('NO_' + 'SUCH')", '"north"\n'),
                ("sprig.expandenv('${REGION}-1')", '"north-1"\n'),
                ("string(io.cat('site' + '.txt'))", '"a\\n"\n')):
            result = self.penstock("eval", expression)
            self.assertEqual((result.returncode, result.stdout, result.stderr), (0, expected, ""))
        result = self.penstock("eval", "io.cat(path)", given='{"path":"site.txt"}\n{"path":"x"}\n')
        self.assertEqual((result.returncode, result.stdout), (1, '"YQo="\n'))
        self.assertIn("line 2: expression-failed: ", result.stderr)
        self.assertIn("cannot read x: No such file or directory", result.stderr)

    def test_explanations(self):
        result = self.penstock("eval", "--explain", "a > 1 && b == 'x'", given=DOCUMENTS)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("result: bool\n", result.stdout)
        self.assertIn("reads:  a, b\n", result.stdout)
        self.assertRegex(result.stdout, r"cost:   \d+ ns a record.* over 2 records")
        result = self.penstock("eval", "--explain", "any(items ?? [], {.price > 10})",
                               given=DOCUMENTS)
        self.assertIn("any(): bool (vector)\n", result.stdout)
        self.assertIn("    field items[*].price: any (column)\n", result.stdout)

    def test_nothing_to_evaluate(self):
        self.assertEqual(self.penstock("eval").returncode, 2)
        self.assertEqual(self.penstock("eval", "a", "not_there.ndjson").returncode, 2)


if __name__ == "__main__":
    unittest.main()
