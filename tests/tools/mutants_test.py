"""Tests of tools/mutants on a small project of one source and one test program."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PROJECT = {
    "CMakeLists.txt": "cmake_minimum_required(VERSION 3.25)\nproject(small CXX)\n"
                      "add_executable(small_tests src/guard.cc tests/guard_test.cc)\n",
    "CMakePresets.json": '{"version": 6, "configurePresets": [{"name": "dev", "generator": "Ninja",'
                         ' "binaryDir": "${sourceDir}/build/dev"}]}',
    "src/guard.cc": "bool checked(int value) {\n  if (value < 0) return false;\n"
                    "  if (value > 9) return false;\n  return true;\n}\n",
    # Behaves like a GoogleTest program with one test.
    "tests/guard_test.cc": """#include <cstdio>
#include <cstring>
bool checked(int value);
#define TEST(suite, name) int run()
// shows: ECP-KEY-1, ECP-KEY-2, ECP-KEY-3, ECP-KEY-4
TEST(Guard, RefusesNegative) { return checked(-1) ? 1 : 0; }
int main(int count, char** arguments) {
  for (int i = 1; i < count; ++i)
    if (std::strcmp(arguments[i], "--gtest_list_tests") == 0) return std::puts("Guard.\\n  RefusesNegative"), 0;
  return run();
}
""",
    "tests/mutants/ECP-KEY-1": "file: src/guard.cc\nfind: if (value < 0) return false;\nreplace:\ntarget: small_tests\n",
    "tests/mutants/ECP-KEY-2.upper": "file: src/guard.cc\nfind: if (value > 9) return false;\nreplace: \ntarget: small_tests\n",
    "tests/mutants/ECP-KEY-3": "file: src/guard.cc\nfind: if (value == 7)\nreplace: \ntarget: small_tests\n",
    "tests/mutants/ECP-KEY-4": "file: src/guard.cc\nfind: return true;\nreplace: return nothing;\ntarget: small_tests\n",
    "tests/mutants/ECP-KEY-5": "file: src/guard.cc\nfind: return true;\nreplace: return false;\ntarget: small_tests\n",
}


class Mutants(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        for path, text in PROJECT.items():
            full = os.path.join(cls.folder.name, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)

    def run_tool(self, *arguments):
        done = subprocess.run([sys.executable, f"{ROOT}/tools/mutants", "--root", self.folder.name, *arguments],
                              capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def test_each_kind_of_mutant_gets_its_verdict(self):
        code, output = self.run_tool()
        self.assertEqual(code, 1, output)
        verdicts = {line.split()[1]: line for line in output.splitlines() if "ECP-KEY" in line}
        self.assertRegex(verdicts["ECP-KEY-1"], "^killed .*Guard.RefusesNegative")
        self.assertRegex(verdicts["ECP-KEY-2.upper"], "^SURVIVED")
        self.assertRegex(verdicts["ECP-KEY-3"], "^ERROR .* 0 times in src/guard.cc")
        self.assertRegex(verdicts["ECP-KEY-4"], "^ERROR .*does not build")
        self.assertRegex(verdicts["ECP-KEY-5"], "^ERROR .*no test shows it")
        self.assertTrue(output.endswith("1 passed, 4 failed\n"), output)

    def test_one_id_runs_alone_and_an_unknown_one_is_refused(self):
        code, output = self.run_tool("ECP-KEY-1")
        self.assertEqual((code, output.splitlines()[-1]), (0, "1 passed, 0 failed"), output)
        self.assertNotEqual(self.run_tool("ECP-KEY-9")[0], 0)

    def test_the_tree_itself_is_never_changed(self):
        self.run_tool("ECP-KEY-1")
        with open(f"{self.folder.name}/src/guard.cc", encoding="utf-8") as file:
            self.assertEqual(file.read(), PROJECT["src/guard.cc"])


if __name__ == "__main__":
    unittest.main()
