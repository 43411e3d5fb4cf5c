// heqi/documents/evidence/verify.h: is this evidence package what the platform made, and does all
// in it hold together? No network, no platform.
#pragma once
#include <functional>

#include <heqi/documents/evidence/package.h>
#include <heqi/documents/verify/report.h>
#include <heqi/pki/algorithms.h>
#include <heqi/pki/trust_store.h>

namespace heqi::documents::evidence {

using verify::Severity;
using verify::Verdict;

// Fault is one kind of finding; severity and words are in faults.def.
enum class Fault : std::uint8_t {
#define HEQI_FAULT(symbol, severity, english, chinese) symbol,
#include <heqi/documents/evidence/faults.def>
#undef HEQI_FAULT
};
struct FaultText {
  std::string_view name;  // the symbol
  Severity severity;
  std::string_view english, chinese;
};
const FaultText& text_of(Fault fault);

struct Finding {
  Fault fault;
  std::string where, detail;  // an entry's name; in English
};

// MomentReport is a key operation whose token holds.
struct MomentReport {
  std::string operation, person;  // open, confirm, sign, complete; person: empty of complete
  std::optional<int> party;
  base::Time time;
};

// PackageReport is what was found. Contract, parties and moments are empty where the manifest's
// signature does not hold: nothing that it says is told then.
struct PackageReport {
  Verdict verdict = Verdict::invalid;
  std::uint64_t size = 0;
  std::string digest;  // SM3 of the package, lower-case hexadecimal
  base::Time evaluated_at;
  std::optional<verify::Identity> signer;
  std::optional<base::Time> signed_at;  // of the time-stamp over the manifest's signature
  std::string contract, title, owner;
  std::vector<Party> parties;
  std::vector<MomentReport> moments;
  std::optional<verify::Report> document;
  std::vector<Finding> findings;
};

// JudgeDocument gives the verdict on the signed file, with certificates and status that the package
// brings along; it is heqi verify's own.
struct Helpers {
  std::vector<x509::Certificate> certificates;
  std::vector<pki::Crl> crls;
  std::vector<pki::OcspAnswer> ocsp_answers;
};
using JudgeDocument =
    std::function<base::Result<verify::Report>(base::ByteView file, const Helpers& helpers)>;

struct PackageCheck {
  const pki::TrustStore& trust;
  base::Time now;  // as of when the question is asked
  pki::Algorithms algorithms;
  JudgeDocument judge_document;
};

// verify_package judges the manifest's signature and chain, every digest, that nothing stands
// beside the manifest, the document and its original, and each moment's token. Fails where the file
// is no package that can be read: the errors of ofd::Package::open, malformed, limit_exceeded.
base::Result<PackageReport> verify_package(base::ByteView file, const PackageCheck& check);

// to_json is one JSON object: verdict, size, digest {algorithm, value}, evaluated_at, signer,
// signed_at, contract, title, owner, parties[{position, person, name, field, signed_at}],
// moments[{operation, party, person, time}], document (a report as of heqi verify),
// findings[{code, severity, english, chinese, where, detail}]. What is not known is null.
std::string to_json(const PackageReport& report);

}  // namespace heqi::documents::evidence
