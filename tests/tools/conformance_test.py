"""Tests of tools/conformance: small projects in a temporary folder, driven through its command line."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LISTS = {
    "MSSP": "# M\n\n## Clause 6\n- MSSP-6.1-a first.\n- MSSP-9.2-a a guard | with a bar.\n",
    "KEPOSS": "# K\n", "APPS": "# A\n", "ECP": "# E\n",
}


class Conformance(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        for name, text in LISTS.items():
            self.write(f"docs/requirements/{name}.md", text)

    def write(self, path, text):
        full = os.path.join(self.folder.name, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def run_tool(self, *arguments):
        done = subprocess.run([sys.executable, f"{ROOT}/tools/conformance", "--root", self.folder.name, *arguments],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def page(self):
        code, output = self.run_tool()
        self.assertEqual(code, 0, output)
        with open(f"{self.folder.name}/docs/conformance.md", encoding="utf-8") as file:
            return file.read()

    def refused(self, because):
        for arguments in ([], ["--check"]):
            code, output = self.run_tool(*arguments)
            self.assertNotEqual(code, 0)
            self.assertIn(because, output)

    def test_a_test_is_named_beside_what_it_shows(self):
        self.write("src/x/tests/x_test.cc", "// shows: MSSP-6.1-a,\n// MSSP-9.2-a   mutant: tests/mutants/MSSP-9.2-a\n"
                                            "TEST(Suite,\n     Sentence) {\n}\n")
        page = self.page()
        self.assertIn("| MSSP-6.1-a | first. | [Suite.Sentence](../src/x/tests/x_test.cc) |", page)
        self.assertIn("| MSSP-9.2-a | a guard \\| with a bar. | [Suite.Sentence]", page)
        self.assertIn("| **all** | 2 | 2 | 0 | 0 | 0 |", page)

    def test_a_part_says_what_is_missing_and_what_nobody_shows_is_not_yet(self):
        self.write("tests/a/a_test.cc", "// shows-part: MSSP-6.1-a (the answer\n// (b) too)\nTEST_F(A, B) {}\n")
        page = self.page()
        self.assertIn("missing: the answer (b) too", page)
        self.assertIn("## Not yet", page)
        self.assertIn("| **all** | 2 | 0 | 1 | 0 | 1 |", page)

    def test_several_ids_may_miss_the_same(self):
        self.write("tests/a/a_test.cc", "// shows-part: MSSP-6.1-a, MSSP-9.2-a (the answer)\nTEST(A, B) {}\n")
        self.assertIn("| **all** | 2 | 0 | 2 | 0 | 0 |", self.page())

    def test_a_whole_showing_wins_over_a_part(self):
        self.write("tests/a/a_test.cc", "// shows-part: MSSP-6.1-a (x)\nTEST(A, B) {}\n// shows: MSSP-6.1-a\nTEST(A, C) {}\n")
        self.assertIn("| **all** | 2 | 1 | 0 | 0 | 1 |", self.page())

    def test_scripts_flows_and_documents_count(self):
        self.write("tests/f/run.sh", "#!/bin/sh\n# shows: MSSP-6.1-a\ntrue\n")
        self.write("docs/security-policy.md", "It is certified (declared: MSSP-9.2-a).\n")
        page = self.page()
        self.assertIn("[tests/f/run.sh](../tests/f/run.sh)", page)
        self.assertIn("| **all** | 2 | 1 | 0 | 1 | 0 |", page)
        self.write("tests/flows/two.flow", "# tests/flows/two.flow    shows: MSSP-9.2-a\nPOST /x\n")
        self.assertIn("| **all** | 2 | 2 | 0 | 0 | 0 |", self.page())

    def test_tests_in_the_browser_count_one_by_one_or_from_a_table(self):
        self.write("web/tests/a_test.mjs", "// shows: MSSP-6.1-a\ntest('a page', async () => {});\n"
                   "// shows: MSSP-9.2-a\nfor (const how of ways) {\n  test(`a page ${how}`, () => go(how));\n}\n")
        page = self.page()
        self.assertIn("[a page](../web/tests/a_test.mjs)", page)
        self.assertIn("[a page ${how}](../web/tests/a_test.mjs)", page)
        self.write("web/tests/b_test.mjs", "// shows: MSSP-6.1-a\nconst nothing = 1;\n")
        self.refused("no test begins below")

    def test_a_page_that_is_stale_or_missing_fails_the_check(self):
        self.assertNotEqual(self.run_tool("--check")[0], 0)
        self.page()
        self.assertEqual(self.run_tool("--check")[0], 0)
        self.write("tests/a/a_test.cc", "// shows: MSSP-6.1-a\nTEST(A, B) {}\n")
        self.refused_check_only("stale")

    def refused_check_only(self, because):
        code, output = self.run_tool("--check")
        self.assertNotEqual(code, 0)
        self.assertIn(because, output)

    def test_an_unknown_id_is_refused_by_place(self):
        self.write("tests/a/a_test.cc", "// shows: MSSP-6.1-z\nTEST(A, B) {}\n")
        self.refused("tests/a/a_test.cc:1: there is no requirement MSSP-6.1-z")

    def test_an_unknown_declared_id_is_refused(self):
        self.write("docs/security-policy.md", "declared: MSSP-1-a\n")
        self.refused("docs/security-policy.md: there is no requirement MSSP-1-a")

    def test_a_line_above_no_test_is_refused(self):
        self.write("tests/a/a_test.cc", "// shows: MSSP-6.1-a\nint helper();\nTEST(A, B) {}\n")
        self.refused("no test begins below")

    def test_a_disabled_test_shows_nothing(self):
        self.write("tests/a/a_test.cc", "// shows: MSSP-6.1-a\nTEST(A, DISABLED_B) {}\n")
        self.refused("a disabled test shows nothing")

    def test_a_line_that_cannot_be_read_is_refused(self):
        for line in ("shows: all of it", "shows: MSSP-6.1-a and more", "shows-part: MSSP-6.1-a",
                     "shows-part: MSSP-6.1-a (open"):
            self.write("tests/a/a_test.cc", f"// {line}\nTEST(A, B) {{}}\n")
            self.refused("cannot read")

    def test_a_requirement_that_is_there_twice_is_refused(self):
        self.write("docs/requirements/ECP.md", "- MSSP-6.1-a again.\n")
        self.refused("MSSP-6.1-a is there twice")

    def test_security_without_a_mutant_is_listed(self):
        self.write("tests/a/a_test.cc", "// shows: MSSP-6.1-a, MSSP-9.2-a\nTEST(A, B) {}\n")
        code, output = self.run_tool("--mutants")
        self.assertEqual((code, "MSSP-9.2-a" in output, "MSSP-6.1-a" in output), (1, True, False))
        self.write("tests/mutants/MSSP-9.2-a.order", "file: x\n")
        self.assertEqual(self.run_tool("--mutants")[0], 0)

    def test_a_mutant_that_no_test_shows_is_refused(self):
        self.write("tests/mutants/MSSP-9.2-a", "file: x\n")
        self.refused("tests/mutants/MSSP-9.2-a: no test shows")


if __name__ == "__main__":
    unittest.main()
