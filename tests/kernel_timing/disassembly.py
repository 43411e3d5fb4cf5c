#!/usr/bin/env python3
"""Reads compiled kernels and follows secrets through them.

  disassembly.py FOLDER,FOLDER… OBJECT…   looks at the objects below kernels/FOLDER/; FOLDER:vectors is for kernels
                                          that take lengths and pointers through pointers, and load secrets into
                                          vector registers only; the other objects below kernels/ may have no weak
                                          function, and that is all

In these kernels secrets are in vector and mask registers and in what pointers lead to. From there they may come into
general registers, into flags and onto the stack: the state before each instruction is computed over all paths of a
function. A breach is: a gather or scatter; a conditional jump whose flags, or an access whose base or index, or a
division whose operands come from a secret; a secret in an argument's register at a call of another object; a weak function, which the
linker could give to code that runs on every processor. Secrets in registers follow calls inside an object. What a function
returns counts as public: it is the place of a declassification. Left out: functions with `_vartime` in their name, and those that disassembly_allowed.txt names with
a reason (FUNCTION-PATTERN  # reason).
"""
import os
import re
import subprocess
import sys

POINTERS_LEAD_TO_SECRETS = True
ARGUMENTS = ("rdi", "rsi", "rdx", "rcx", "r8", "r9")
FAMILIES = {"rax": "rax eax ax al ah", "rbx": "rbx ebx bx bl bh", "rcx": "rcx ecx cx cl ch",
            "rdx": "rdx edx dx dl dh", "rsi": "rsi esi si sil", "rdi": "rdi edi di dil",
            "rbp": "rbp ebp bp bpl", "rsp": "rsp esp sp spl"}
REGISTER = {name: family for family, names in FAMILIES.items() for name in names.split()}
for number in range(8, 16):
    REGISTER.update({f"r{number}{suffix}": f"r{number}" for suffix in ("", "d", "w", "b")})

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
RELOCATION = re.compile(r"^\s+[0-9a-f]+: R_X86_64_\w+\s+([\w:@.$]+)")
# How many of the argument registers these functions of other objects read; of any other it may be all.
ARGUMENT_COUNTS = {"__stack_chk_fail": 0, "memset": 3, "memcpy": 3, "memmove": 3, "heqi::base::secure_wipe": 2}
INSTRUCTION = re.compile(r"^\s+([0-9a-f]+):\t(?:\w+ )*?((?:(?:rep\w*|lock|notrack|bnd|cs|ds|data16) )*)(\S+)\s*(.*)$")
MEMORY = re.compile(r"\[([^\]]*)\]")
VECTOR_NAME = re.compile(r"\b[xyz]mm\d+|\bk[0-7]\b")
WIDTH = {"zmmword": 64, "ymmword": 32, "xmmword": 16, "qword": 8, "dword": 4, "word": 2, "byte": 1}
# What writes flags and no register, what writes a register and no flags, what reads flags.
COMPARES = {"cmp", "test", "bt"}
NO_FLAGS = re.compile(r"mov|lea|not$|bswap|set|mulx|rorx|sarx|shlx|shrx|pdep|pext|xchg|push|pop|cdq|cqo|cdqe|cwde")
VECTOR_FLAGS = re.compile(r"k(or)?test|vptest|vtestp|v?u?comis")


class Instruction:
    def __init__(self, address, mnemonic, operands):
        self.address, self.mnemonic, self.symbol = address, mnemonic, None
        text = re.sub(r"\s*[#<].*$", "", operands)
        self.operands = [part.strip() for part in re.split(r",(?![^\[]*\])", text)] if text else []
        self.memory = next((o for o in self.operands if "[" in o), None)
        inside = MEMORY.search(self.memory).group(1) if self.memory else ""
        self.address_registers = [REGISTER[w] for w in re.findall(r"[a-z]\w+", inside) if w in REGISTER]
        self.is_rip = "rip" in inside
        stack = re.fullmatch(r"r[sb]p(?:([+-])0x([0-9a-f]+))?", inside)
        self.stack = None
        if stack:
            offset = int(stack.group(2) or "0", 16) * (-1 if stack.group(1) == "-" else 1)
            self.stack = (inside[:3], offset)
        self.target = self.operands[0].split()[0] if mnemonic in ("call", "jmp") or mnemonic.startswith("j") else None
        self.is_vector = bool(VECTOR_NAME.search(text))
        self.width = next((size for name, size in WIDTH.items() if self.memory and name in self.memory.lower()), 8)


class State:
    """The registers ("flags" among them) and stack slots that may hold a secret."""

    def __init__(self, secret=frozenset()):
        self.secret = set(secret)

    def has(self, *names):
        return any(name in self.secret for name in names)

    def put(self, name, is_secret):
        (self.secret.add if is_secret else self.secret.discard)(name)

    def slots(self, instruction):
        base, offset = instruction.stack
        return [(base, offset + i) for i in range(0, instruction.width, 1)]


def registers_of(operand):
    return [REGISTER[operand]] if operand in REGISTER else []


def reads_secret(state, instruction, operand):
    if operand in REGISTER:
        return state.has(REGISTER[operand])
    if "[" not in operand:
        return bool(VECTOR_NAME.search(operand))
    if instruction.is_rip:
        return False
    if instruction.stack:
        return state.has(*state.slots(instruction))
    return POINTERS_LEAD_TO_SECRETS


def breaches_of(state, one):
    name = one.mnemonic
    if "gather" in name or "scatter" in name:
        yield "gathers or scatters"
    if one.memory and not name.startswith(("lea", "nop")) and state.has(*one.address_registers):
        yield "an address comes from a secret"
    if name.startswith("j") and name != "jmp" and state.has("flags"):
        yield "a jump depends on a secret"
    if name in ("jmp", "call") and any(state.has(r) for o in one.operands for r in registers_of(o)):
        yield "a jump goes where a secret says"
    if name in ("div", "idiv") and (state.has("rax", "rdx") or any(reads_secret(state, one, o) for o in one.operands)):
        yield "a division of a secret"


def step(state, one):
    """step changes state to what holds after one instruction."""
    name, operands = one.mnemonic, one.operands
    if name == "call":
        for register in ("rax", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "flags"):
            state.put(register, False)
        return
    if not operands or name.startswith(("j", "nop", "ret", "endbr", "vzero", "prefetch", "push")):
        return
    target, sources = operands[0], operands[1:]
    if VECTOR_FLAGS.match(name):
        state.put("flags", True)
        return
    if name in COMPARES:
        state.put("flags", any(reads_secret(state, one, o) for o in operands))
        return
    secret = any(reads_secret(state, one, o) for o in sources)
    if name == "pop":
        secret = False
    elif name in ("xor", "sub", "sbb") and len(set(operands)) == 1:
        secret = name == "sbb" and state.has("flags")
    elif not name.startswith(("mov", "lea", "rorx", "pdep", "pext", "set", "kmov", "v")) and not (
            name == "imul" and len(operands) == 3):
        secret = secret or reads_secret(state, one, target)  # the target is read as well
    if name.startswith("lea"):
        secret = state.has(*one.address_registers)
    if name.startswith(("set", "cmov", "adc", "sbb", "rcl", "rcr")):
        secret = secret or state.has("flags")
    if name.startswith("cmov"):
        secret = secret or reads_secret(state, one, target)
    if name in ("mul", "imul", "div", "idiv") and len(operands) == 1:
        secret = state.has("rax") or reads_secret(state, one, target)
        for register in ("rax", "rdx", "flags"):
            state.put(register, secret)
        return
    if name == "mulx":
        secret = secret or state.has("rdx")
        state.put(REGISTER[operands[1]], secret)
    if name == "xchg":
        secret = any(reads_secret(state, one, o) for o in operands)
        for operand in operands:
            for register in registers_of(operand):
                state.put(register, secret)
    for register in registers_of(target):
        state.put(register, secret)
    if "[" in target and one.stack:
        for slot in state.slots(one):
            state.put(slot, secret or one.is_vector)
    if not one.is_vector and not NO_FLAGS.match(name):
        state.put("flags", secret)


class Function:
    """One function, and the registers that hold a secret where it begins."""

    def __init__(self, name, instructions):
        self.name, self.instructions = name, instructions
        self.place = {one.address: i for i, one in enumerate(instructions)}
        self.entry = set()

    def following(self, at):
        one = self.instructions[at]
        if one.mnemonic not in ("jmp", "ret", "ud2") and at + 1 < len(self.instructions):
            yield at + 1
        if one.mnemonic.startswith("j") and one.target in self.place:
            yield self.place[one.target]

    def states(self):
        """states follows all paths until nothing new becomes secret."""
        before, waiting = {0: State(self.entry)}, [0]
        while waiting:
            at = waiting.pop()
            after = State(before[at].secret)
            step(after, self.instructions[at])
            for next_at in self.following(at):
                if next_at in before and after.secret <= before[next_at].secret:
                    continue
                before.setdefault(next_at, State()).secret.update(after.secret)
                waiting.append(next_at)
        return before


def check_functions(functions):
    """check_functions gives the breaches as (function, address, what) after the secrets have followed all calls."""
    by_address = {function.instructions[0].address: function for function in functions}
    found, waiting = {}, list(functions)
    while waiting:
        function = waiting.pop()
        for at, state in function.states().items():
            one = function.instructions[at]
            for breach in breaches_of(state, one):
                found[function.name, one.address] = breach
            leaves = one.mnemonic == "call" or (one.mnemonic == "jmp" and one.target not in function.place)
            arguments = ARGUMENTS[:ARGUMENT_COUNTS.get(one.symbol, len(ARGUMENTS))]
            if not leaves or not state.has(*arguments):
                continue
            callee = by_address.get(one.target)
            if callee is None:
                found[function.name, one.address] = "a secret is an argument of another object's function"
                continue
            passed = state.secret.intersection(ARGUMENTS)
            if not passed <= callee.entry:
                callee.entry |= passed
                waiting.append(callee)
    return sorted((name, address, what) for (name, address), what in found.items())


def functions_of(path):
    text = subprocess.run(["objdump", "-d", "-C", "-r", "-M", "intel", "--no-show-raw-insn", path], check=True,
                          capture_output=True, text=True).stdout
    name, instructions = None, []
    for line in text.splitlines():
        heading = FUNCTION.match(line)
        if heading:
            if instructions:
                yield name, instructions
            name, instructions = heading.group(1), []
            continue
        relocation = RELOCATION.match(line)
        if relocation and instructions:
            instructions[-1].symbol = relocation.group(1)
        match = INSTRUCTION.match(line)
        if match and name:
            instructions.append(Instruction(match.group(1), match.group(3), match.group(4)))
    if instructions:
        yield name, instructions


def weak_functions_of(path):
    text = subprocess.run(["nm", "-C", path], check=True, capture_output=True, text=True).stdout
    return [line.split(" ", 2)[2] for line in text.splitlines() if re.match(r"[0-9a-f]+ W ", line)]


def allowed_patterns():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "disassembly_allowed.txt")
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as lines:
        return [line.split("#")[0].strip() for line in lines if line.split("#")[0].strip()]


def check_object(path, allowed):
    functions = [Function(name, instructions) for name, instructions in functions_of(path)
                 if not re.search(r"_vartime\b", name) and not any(re.search(pattern, name) for pattern in allowed)]
    breaches = [f"{path}: weak function {name}" for name in weak_functions_of(path)]
    breaches += [f"{path}: {name}: {address}: {what}" for name, address, what in check_functions(functions)]
    return len(functions), breaches


def check_weak_functions(objects):
    """check_weak_functions is for kernels whose secrets another tool follows; it gives what it found."""
    found = [f"{path}: weak function {name}" for path in objects for name in weak_functions_of(path)]
    print("\n".join(found[:40] + [f"{len(objects)} other kernels, {len(found)} weak functions"]))
    return found


def main():
    global POINTERS_LEAD_TO_SECRETS
    folders, objects = sys.argv[1].split(","), sys.argv[2:]
    watched = {entry.partition(":")[0] for entry in folders}
    folder_of = {path: path.split("/kernels/")[1].split("/")[0] for path in objects if "/kernels/" in path}
    failed = bool(check_weak_functions([path for path, folder in folder_of.items() if folder not in watched]))
    for entry in folders:
        folder, _, what = entry.partition(":")
        POINTERS_LEAD_TO_SECRETS = what != "vectors"
        own = [path for path in objects if folder_of.get(path) == folder]
        if not own:
            print(f"disassembly: no object below kernels/{folder}/")
            failed = True
        for path in own:
            count, breaches = check_object(path, allowed_patterns())
            print("\n".join(breaches[:40] + [f"{path}: {count} functions, {len(breaches)} breaches"]))
            failed = failed or bool(breaches) or count == 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
