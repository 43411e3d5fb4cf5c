"""Tests of tools/tidy/check: each rule refuses what it is for, and lets its neighbour pass."""
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BODY = "\n".join(["  work();"] * 69)


class Tidy(unittest.TestCase):
    def check(self, path, text, *, exceptions="", expose=""):
        with tempfile.TemporaryDirectory() as folder:
            files = {path: text, "tools/tidy/exceptions.txt": exceptions, "tools/tidy/expose_allowed.txt": expose}
            for name, content in files.items():
                full = os.path.join(folder, name)
                os.makedirs(os.path.dirname(full), exist_ok=True)
                with open(full, "w", encoding="utf-8") as file:
                    file.write(content)
            done = subprocess.run([sys.executable, f"{ROOT}/tools/tidy/check", "--root", folder],
                                  capture_output=True, text=True, check=False)
            return done.returncode, done.stdout + done.stderr

    def refused(self, path, text, because, **lists):
        code, output = self.check(path, text, **lists)
        self.assertEqual(code, 1, f"{path} passed: {text[:80]}")
        self.assertIn(because, output)

    def passes(self, path, text, **lists):
        code, output = self.check(path, text, **lists)
        self.assertEqual(code, 0, output)

    def test_pages_show_text_as_text(self):
        for text in ('<p v-html="title" />', "box.innerHTML = title;", "box.outerHTML=x", "a.insertAdjacentHTML('x', y)",
                     "document.write(title)", "eval (title)", "new Function(title)", "setTimeout('run()', 1)",
                     "new DOMParser()", "frame.srcdoc = x", '<a href="javascript:void(0)">'):
            for path in ("web/desk/A.vue", "web/verify/a.ts", "web/signing/index.html"):
                self.refused(path, text, "becomes markup or code")
        self.passes("web/desk/A.vue", "<p>{{ title }}</p>")
        self.passes("web/verify/a.ts", "box.textContent = title; setTimeout(run, 1);")
        self.passes("web/tests/a.ts", "expect(box.innerHTML).toBe('');")  # a test may look

    def test_time_chance_and_files_come_from_outside(self):
        for text, because in (("auto t = std::chrono::system_clock::now();", "time is injected"),
                              ("auto t = steady_clock::now();", "time is injected"),
                              ("getrandom(p, n, 0);", "randomness is injected"),
                              ("int i = std::rand();", "randomness is injected"),
                              ("FILE* f = fopen(name, mode);", "FileStore")):
            self.refused("src/pki/a.cc", text, because)
            self.refused("src/pki/a.cc", "\n\n" + text, "src/pki/a.cc:3:")
            self.passes("src/base/a.cc", text)
            self.passes("src/pki/tests/a_test.cc", text)
        self.passes("src/pki/a.cc", "// never std::rand() here\nlog(\"getrandom(\");\n")

    def test_memcmp_stays_out_of_layers_with_secrets(self):
        for layer in ("crypto", "cosign", "device", "keys"):
            self.refused(f"src/{layer}/a.cc", "if (memcmp(a, b, 32) == 0) {}", "by its duration")
        self.passes("src/documents/a.cc", "if (std::memcmp(a, b, 32) == 0) {}")

    def test_a_secret_is_exposed_only_where_a_list_says_so(self):
        text = "use(key.expose());\n"
        self.refused("src/api/a.cc", text, "expose()")
        self.passes("src/api/a.cc", text, expose="src/api/a.cc\n")
        self.passes("src/keys/deep/a.cc", text, expose="src/keys/\n")
        self.refused("src/api/b.cc", "int a;\n", "needs no exception", expose="src/api/b.cc\n")

    def test_coroutines_stay_in_the_transport(self):
        self.refused("src/api/a.cc", "co_await read(socket);", "coroutines stay")
        self.passes("src/http/transport_connection.cc", "co_await read(socket);")
        self.refused("src/http/transport.cc", "co_await read([&] { go(); });", "no brace")
        self.refused("src/http/transport.cc", "co_await read(Options{.size = 1});", "no brace")

    def test_third_party_headers_stay_with_their_owner(self):
        for header, owner in (("boost/asio.hpp", "http"), ("curl/curl.h", "http"), ("openssl/evp.h", "ossl"),
                              ("sqlite3.h", "sql"), ("libpq-fe.h", "sql"), ("qpdf/QPDF.hh", "documents"),
                              ("ft2build.h", "documents"), ("hb.h", "documents"), ("hb-subset.h", "documents"),
                              ("argon2.h", "services"), ("toml++/toml.h", "program"), ("CLI/CLI.hpp", "program")):
            self.refused("src/flow/a.cc", f"#include <{header}>\n", "belongs to another layer")
            self.passes(f"src/{owner}/a.cc", f"#include <{header}>\n")
        self.refused("src/api/a.cc", "#include <heqi/testing/seeded.h>\n", "belongs to another layer")

    def test_the_device_closure_uses_itself_and_the_standard_library(self):
        self.passes("src/device/a.cc", "#include <vector>\n#include <heqi/crypto/sm2.h>\n#include \"words.h\"\n")
        for header in ("unistd.h", "heqi/http/server.h", "sys/mman.h"):
            self.refused("src/device/a.cc", f"#include <{header}>\n", "device closure")

    def test_lines_functions_and_files_have_a_measure(self):
        self.passes("src/a/a.cc", "// " + "合" * 97 + "\n")
        self.refused("src/a/a.cc", "// " + "x" * 98 + "\n", "101 columns")
        self.passes("src/a/a.cc", "// Generated by a tool.\n// " + "x" * 98 + "\n")
        self.passes("src/a/a.cc", f"int go() {{\n{BODY[:-len('  work();') - 1]}\n}}\n")
        for signature in ("int go() {", "int A::go(int first,\n          int second) const {", "TEST(A, Go) {"):
            self.refused("src/a/a.cc", f"{signature}\n{BODY}\n}}\n", "lines, more than 70")
        self.refused("src/a/a.h", f"class A {{\n  int go() {{\n{BODY}\n  }}\n}};\n", "lines, more than 70")
        self.refused("src/a/a.cc", "int a;\n" * 601, "601 lines")

    def test_an_exception_holds_only_as_long_as_it_is_needed_and_never_grows(self):
        text = f"int go() {{\n{BODY}\n}}\n"
        self.passes("src/a/a.cc", text, exceptions="function src/a/a.cc go 71\n")
        self.refused("src/a/a.cc", text.replace("{\n", "{\n  more();\n"), "72 lines",
                     exceptions="function src/a/a.cc go 71\n")
        self.refused("src/a/a.cc", "int a;\n", "needs no exception", exceptions="function src/a/a.cc go 71\n")

    def test_names_say_a_subject(self):
        for name in ("src/a/string_utils.cc", "src/common/a.cc", "src/a/key_manager.h", "src/a/helper.cc"):
            self.refused(name, "", "name the subject")
        self.passes("src/a/utility_bill.cc", "")

    def test_nothing_unfinished_and_no_path_of_a_machine(self):
        self.refused("docs/a.md", "TO" + "DO: write\n", "unfinished")
        self.refused("src/a/a.cc", "// FIX" + "ME\n", "unfinished")
        self.refused("docs/a.md", "see /ho" + "me/someone/a.txt\n", "path of one machine")
        self.refused("tools/a.py", "open('/wo" + "rk/main/a')\n", "path of one machine")
        self.passes("docs/a.md", "https://example.org/wo" + "rk/a and team/ho" + "me/x\n")


if __name__ == "__main__":
    unittest.main()
