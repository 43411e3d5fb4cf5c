#!/usr/bin/env python3
"""check_module.py MODULE SAMPLES: another ASN.1 tool (asn1tools) compiles the module, decodes every
sample, encodes it again and gets the same octets; a sample with a changed version is refused."""
import pathlib
import sys

import asn1tools

module = asn1tools.compile_files(sys.argv[1], "der")
samples = sorted(pathlib.Path(sys.argv[2]).glob("*.der"))
for sample in samples:
    name = sample.name.split(".")[0]
    der = sample.read_bytes()
    value = module.decode(name, der, check_constraints=True)
    again = module.encode(name, value, check_constraints=True)
    if again != der:
        sys.exit(f"{sample.name}: encoded again it differs")
    if "version" in value:
        value["version"] += 1
        try:
            module.encode(name, value, check_constraints=True)
        except asn1tools.ConstraintsError:
            continue
        sys.exit(f"{sample.name}: version {value['version']} is taken")
print(f"{len(samples)} samples of {len(set(s.name.split('.')[0] for s in samples))} types agree")
sys.exit(0 if samples else "no samples")
