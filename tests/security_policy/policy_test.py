#!/usr/bin/env python3
"""policy_test.py PROJECT BUILD: docs/security-policy.md and the programs say the same: its tables name all that the
code has, and the code has all that they name."""
import pathlib
import re
import subprocess
import sys
import unittest

PROJECT, BUILD = (pathlib.Path(one) for one in sys.argv[1:3])
POLICY = (PROJECT / "docs/security-policy.md").read_text()
PROGRAMS = [BUILD / "src/program/heqi_device/heqi-device", BUILD / "src/program/heqi_module/heqi-module"]


def section(number):
    return re.search(rf"^## {number}\. .*?\n(.*?)(?=^## |\Z)", POLICY, re.M | re.S)[1]


def rows(number, columns):
    """The cells of the lines of a section's tables that have so many columns, without heads."""
    out = []
    for line in section(number).splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and len(cells) == columns and not set(cells[0]) <= set("- :"):
            out.append(cells)
    return out


def quoted(text):
    return re.findall(r"`([^`]+)`", text)


def enumerators(file, name):
    body = re.search(rf"enum class {name}[^{{]*\{{(.*?)\}};", (PROJECT / file).read_text(), re.S)[1]
    return re.findall(r"^\s*(\w+) = \d+", body, re.M)


class Parts(unittest.TestCase):
    # shows: KEP-8.2-b
    def test_each_part_that_the_text_names_has_its_files(self):
        parts = [(half, part, quoted(files)) for half, part, files in rows(2, 3) if half in ("MST-CC", "SS-CC")]
        self.assertEqual({part for half, part, _ in parts if half == "MST-CC"},
                         {"SSP encryption", "MK generation", "algorithms", "communication", "environment check",
                          "PPD input", "API"})
        self.assertEqual({part for half, part, _ in parts if half == "SS-CC"},
                         {"algorithms", "storage", "communication"})
        for half, part, files in parts:
            self.assertTrue(files, f"{half}: {part}")
            for file in files:
                self.assertTrue((PROJECT / file).is_file(), f"{half}: {part}: {file}")


class Interfaces(unittest.TestCase):
    HALVES = [("src/device/include/heqi/device/commands.h", "CommandType", 1),
              ("src/keys/include/heqi/keys/module_protocol.h", "Operation", 2)]

    def table(self):
        return [row for row in rows(3, 3) if row[0] != "interface"]

    # shows: KEP-9.1, KEP-9.2-a
    def test_each_entry_belongs_to_exactly_one_kind(self):
        kinds = [row[0] for row in self.table()]
        self.assertEqual(kinds, ["data input", "data output", "control input", "control output", "status output"])
        for file, enumeration, column in self.HALVES:
            named = [name for row in self.table() for name in quoted(row[column])]
            self.assertEqual(sorted(named), sorted(enumerators(file, enumeration)), enumeration)

    def test_both_halves_have_the_same_kinds(self):
        for kind, *halves in self.table():
            if kind != "control output":
                for half in halves:
                    self.assertTrue(quoted(half), kind)


class Services(unittest.TestCase):
    HEADER = (PROJECT / "src/program/heqi_device/include/heqi_device.h").read_text()

    # shows: KEP-9.3
    def test_each_service_of_the_table_is_in_the_api_with_its_errors(self):
        table = [row for row in rows(13, 4) if row[0].startswith("SAF_")]
        self.assertGreater(len(table), 10)
        known = set(re.findall(r'HEQI_ERROR\(\s*\w+,\s*"([^"]+)"', (PROJECT / "src/base/include/heqi/base/errors.def").read_text()))
        commands = set(enumerators(*self.COMMANDS))
        for names, functions, used, errors in table:
            for function in quoted(functions):
                self.assertIn(function + "(", self.HEADER, names)
            for command in quoted(used):
                self.assertIn(command, commands, names)
            for error in quoted(errors):
                self.assertIn(error, known, names)

    COMMANDS = ("src/device/include/heqi/device/commands.h", "CommandType")

    def test_each_function_of_the_api_is_named_or_said_to_be_none_of_them(self):
        functions = set(re.findall(r"^(?:int|void) (heqi_device_\w+)\(", self.HEADER, re.M))
        named = {name for row in rows(13, 4) for name in quoted(row[1])}
        tail = section(13)[section(13).index("Not of GM/T 0019"):]
        for function in sorted(functions - named):
            self.assertIn("`" + function.removeprefix("heqi_device_") + "`", tail)


class Algorithms(unittest.TestCase):
    FOREIGN = re.compile(r"\b(EVP_|AES_|DES_|RSA_|SHA1|SHA256|SHA512|MD5|EC_KEY_|HMAC_|CRYPTO_)")

    # shows: KEP-8.1
    def test_no_other_algorithm_is_in_the_programs_of_the_module(self):
        for program in PROGRAMS:
            kept = program.with_name(program.name + ".debug")  # of a release, whose programs carry none
            symbols = subprocess.run(["nm", "-C", kept if kept.exists() else program], capture_output=True, text=True, check=True).stdout
            self.assertIn("heqi::crypto::sm3(", symbols, program)  # the symbols are there to be looked at
            self.assertNotRegex(symbols, self.FOREIGN, program)
            self.assertNotRegex(symbols, r"heqi::ossl::|heqi::documents::", program)
            # SM9 and ZUC are tested at start and reached by no command.
            served = re.findall(r"heqi::(?:device|keys|cosign)::[^\n]*(?:sm9|zuc)", symbols, re.I)
            self.assertEqual(served, [], program)


class Halves(unittest.TestCase):
    def symbols(self, program):
        kept = program.with_name(program.name + ".debug")
        return subprocess.run(["nm", "-C", kept if kept.exists() else program], capture_output=True, text=True,
                              check=True).stdout

    # Making, keeping and using a share are in the two modules and in no program beside them.
    # shows: COS-C-1, ZSA37-C-d
    # shows: ZSA37-DEP-a
    def test_shares_are_handled_by_the_two_modules_and_by_nothing_else(self):
        of_a_share = {"terminal": r"heqi::device::recover_share\(|heqi::cosign::Device::with_key\(",
                      "server": r"heqi::cosign::derive_server_share\(|heqi::keys::JointKeys::",
                      "any": r"heqi::crypto::PrivateKey::generate\("}
        device, module = (self.symbols(program) for program in PROGRAMS)
        for where in ("terminal", "any"):
            self.assertRegex(device, of_a_share[where])
        for where in ("server", "any"):
            self.assertRegex(module, of_a_share[where])
        self.assertNotRegex(device, of_a_share["server"])
        self.assertNotRegex(module, of_a_share["terminal"])
        platform = self.symbols(BUILD / "src/program/heqi/heqi")
        self.assertIn("heqi::keys::ModuleClient::", platform)  # it asks the module
        for where in ("terminal", "server"):
            self.assertNotRegex(platform, of_a_share[where], where)
        self.assertRegex(section(1), r"level 2 of GM/T 0028")

    # Files with keys are opened by key_holder.cc and what it is made of, and by nothing else of the applications.
    # shows: ZSA37-DEP-a
    def test_keys_in_files_are_opened_by_the_process_that_holds_them_and_by_nothing_else(self):
        opens = re.compile(r"\b(?:open_key_file|make_key_file|parse_software_key|SealedKeys::\w+|KeyHolder::open|"
                           r"parse_private_key(?:_pem)?|open_under_passphrase|parse_tls_key|open_tls_(?:key_file|folder)|"
                           r"make_tls_(?:root|server_material))\(")
        holders = {"key_holder.cc", "key_worker.cc", "held_key.cc", "held_tls_key.cc", "software_key.cc"}
        for folder in ("heqi", "heqi_oes"):
            for path in (PROJECT / "src/program" / folder).glob("*.cc"):
                if path.name not in holders:
                    self.assertNotRegex(path.read_text(), opens, path.name)
        # What speaks TLS is given no key.
        for path in (PROJECT / "src/http").glob("*.cc"):
            self.assertNotRegex(path.read_text(), r"PEM_read|use_(?:rsa_)?private_key|PrivateKey_(?:file|ASN1)|SSLKEY", path.name)
        self.assertIn("process of keys in files", " ".join(section(2).split()))


class MasterKey(unittest.TestCase):
    FOLDER = PROJECT / "src/device"

    def uses(self, pattern):
        """File and line of each place in the terminal's module that pattern is found in, comments left out."""
        return sorted((path.name, " ".join(line.split())) for path in self.FOLDER.glob("*.cc")
                      for line in path.read_text().splitlines()
                      if re.search(pattern, line) and not line.lstrip().startswith("//"))

    # MK is TK here. The memory of both halves, files, databases and logs are searched for it by memory_scan_test.cc,
    # and no core file is written: device_process_test.cc.
    # shows: ZSA37-MK-a
    def test_the_key_made_of_the_pin_encrypts_the_share_and_nothing_else(self):
        makers = {name for name, _ in self.uses(r"\b(?:new_)?pin_key\(")}
        self.assertEqual(makers, {"pin.cc", "msd_refresh.cc", "msd_update.cc"})
        stretched = {name for name, _ in self.uses(r"crypto::stretch\(")}
        self.assertEqual(stretched, {"pin.cc", "enrolment.cc"})  # the latter: of the code of a notice
        ciphers = self.uses(r"crypto::Sm4\(|sm4_\w+\(")
        under_tk = [line for name, line in ciphers if name in makers]
        self.assertEqual(len(under_tk), 2, under_tk)
        self.assertIn("crypto::Sm4(key).encrypt_blocks(plain.expose(), slot.encrypted_d1);", under_tk)
        text = (self.FOLDER / "pin.cc").read_text()
        self.assertRegex(text, r"crypto::Sm4\(pin_key\([^;]*\.decrypt_blocks\(slot\.encrypted_d1,")
        refresh = self.uses(r"next\.key\b")
        self.assertEqual({name for name, _ in refresh}, {"msd_refresh.cc"})
        self.assertIn(("msd_refresh.cc", "encrypt_share(next.slot, share, next.key);"), refresh)
        self.assertEqual(len(refresh), 2, refresh)
        row = next(cells for cells in rows(9, 5) if cells[0] == "TK")
        self.assertEqual(row[2], "nowhere")


class Settings(unittest.TestCase):
    # shows: ZSA37-DEP-c
    def test_nothing_says_that_it_is_certified(self):
        said = section(1)
        self.assertIn('"uncertified software module"', said)
        self.assertIn("Nobody has certified this module", POLICY)
        claims = re.compile(r"(?<!un)(?<!not )certified (?:product|module)|FIPS.validated|商用密码产品认证证书", re.I)
        for program in PROGRAMS + [BUILD / "src/program/heqi/heqi"]:
            texts = subprocess.run(["strings", "-n", "6", program], capture_output=True, text=True, check=True).stdout
            found = [line for line in texts.splitlines() if claims.search(line) and "ncertified" not in line]
            self.assertEqual(found, [], program)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
