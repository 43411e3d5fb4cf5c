#!/usr/bin/env python3
"""disassembly_test.py COMPILER: compiles small kernels that leak, and asks that disassembly.py reports each of them."""
import os
import subprocess
import sys
import tempfile

HEAD = """
#include <immintrin.h>
#include <cstdint>
namespace { volatile std::uint64_t sink; const std::uint64_t table[256] = {1, 2, 3}; }
"""
# (name, what has to be reported or None, code)
CASES = [
    ("clean", None, "void run(__m512i* a) { *a = _mm512_add_epi64(*a, *a); }"),
    ("counted", None, "void run(__m512i* a, std::size_t n) { for (std::size_t i = 0; i < n; ++i) "
                      "a[i] = _mm512_add_epi64(a[i], a[0]); }"),
    ("gather", "gathers", "void run(__m512i* a) { *a = _mm512_i64gather_epi64(*a, table, 8); }"),
    ("mask_jump", "a jump depends", "void run(__m512i* a) { if (_mm512_test_epi64_mask(*a, *a) == 1) sink = 1; }"),
    ("vector_jump", "a jump depends",
     "void run(__m512i* a) { if (_mm_cvtsi128_si64(_mm512_castsi512_si128(*a)) > 4) sink = 1; }"),
    ("vector_index", "an address comes",
     "std::uint64_t run(__m512i* a) { return table[_mm_cvtsi128_si64(_mm512_castsi512_si128(*a)) & 255]; }"),
    ("loaded_index", "an address comes",
     "std::uint64_t run(const std::uint64_t* a) { return table[(a[1] * 5 >> 3) & 255]; }"),
    ("spilled_index", "an address comes",
     "std::uint64_t run(const __m512i* a) { alignas(64) std::uint64_t words[8]; "
     "_mm512_store_si512(words, *a); __asm__ volatile(\"\" ::: \"memory\"); return table[words[3] & 255]; }"),
    ("loaded_jump", "a jump depends", "void run(const std::uint64_t* a) { if ((a[0] & 1) != 0) sink = 1; }"),
    ("division", "a division", "std::uint64_t run(const std::uint64_t* a) { return a[0] / a[1]; }"),
    ("called", "a jump depends",
     "__attribute__((noinline)) static void inner(std::uint64_t x) { if (x > 7) sink = 2; }"
     "void run(const std::uint64_t* a) { inner(a[0]); inner(a[1]); }"),
    ("elsewhere", "another object", "void other(std::uint64_t); void run(const std::uint64_t* a) { other(a[0]); }"),
    ("wiped", "another object",
     "namespace heqi::base { void secure_wipe(void*, unsigned long); }"
     "void run(std::uint64_t* a) { heqi::base::secure_wipe(a, a[0]); }"),
    ("weak", "weak function",
     "__attribute__((noinline)) inline std::uint64_t shared(std::uint64_t x) { return x * x; }"
     "std::uint64_t run(std::uint64_t x) { return shared(x); }"),
    ("vartime", None, "void run_vartime(const std::uint64_t* a) { if ((a[0] & 1) != 0) sink = 1; } void run() {}"),
]


def weak_is_seen_anywhere(checker, folder):
    """weak_is_seen_anywhere asks for a report of the weak function in a folder that is not watched."""
    clean, weak = os.path.join(folder, "clean.o"), os.path.join(os.path.dirname(folder), "other", "weak.o")
    os.makedirs(os.path.dirname(weak))
    os.rename(os.path.join(folder, "weak.o"), weak)
    ran = subprocess.run([sys.executable, checker, "example", clean, weak], capture_output=True, text=True, check=False)
    if ran.returncode != 1 or "weak function" not in ran.stdout:
        print(f"a weak function in another folder: got:\n{ran.stdout}{ran.stderr}")
        return False
    return True


def main():
    compiler = sys.argv[1]
    checker = os.path.join(os.path.dirname(os.path.abspath(__file__)), "disassembly.py")
    failed = False
    with tempfile.TemporaryDirectory() as root:
        folder = os.path.join(root, "kernels", "example")
        os.makedirs(folder)
        for name, expected, code in CASES:
            source, built = os.path.join(folder, name + ".cc"), os.path.join(folder, name + ".o")
            with open(source, "w", encoding="utf-8") as file:
                file.write(HEAD + code.replace('\\\\"', '"') + "\n")
            flags = ["-std=c++20", "-O2", "-fPIC", "-mavx512f", "-mavx512dq", "-mavx512vl", "-w"]
            subprocess.run([compiler, *flags, "-c", source, "-o", built], check=True)
            ran = subprocess.run([sys.executable, checker, "example", built], capture_output=True, text=True, check=False)
            right = ran.returncode == (1 if expected else 0) and (expected or "0 breaches") in ran.stdout
            if not right:
                failed = True
                print(f"{name}: expected {expected or 'no breach'}, got:\n{ran.stdout}{ran.stderr}")
        failed = not weak_is_seen_anywhere(checker, folder) or failed
    print("disassembly: the leaks were " + ("NOT all " if failed else "") + "reported")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
