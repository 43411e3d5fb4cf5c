// heqi/x509/biometric_info.h: the extension biometricInfo (RFC 3739 §3.2.5): hashes of evidence
// about the subject that was taken when the certificate was asked for.
#pragma once
#include <heqi/x509/algorithm.h>
#include <heqi/x509/extension.h>

namespace heqi::x509 {

inline constexpr std::size_t kEvidenceHashesMax = 16;

// EvidenceKind is predefinedBiometricType; those beyond handwriting are of this project and stand
// under the arc that RFC 5612 keeps for examples (1.3.6.1.4.1.32473.2.n).
enum class EvidenceKind : std::uint8_t {
  picture = 0,
  handwritten_signature = 1,
  identity_document = 2,
  voice = 3,
  clip = 4,
  fingerprint = 5,
};
std::string_view name_of(EvidenceKind kind);

// EvidenceHash binds one piece of evidence: SM3 unless another hash is named.
struct EvidenceHash {
  EvidenceKind kind = EvidenceKind::handwritten_signature;
  asn1::Oid hash_algorithm;
  base::Bytes hash;
  friend bool operator==(const EvidenceHash& a, const EvidenceHash& b) {
    return a.kind == b.kind && a.hash_algorithm == b.hash_algorithm && a.hash == b.hash;
  }
};
const asn1::Oid& biometric_info();  // 1.3.6.1.5.5.7.1.2

// make_biometric_info fails with malformed where there is none, more than kEvidenceHashesMax, or
// one without hash.
base::Result<Extension> make_biometric_info(const std::vector<EvidenceHash>& hashes);
// parse_biometric_info reads the value octets of the extension. Fails with malformed,
// limit_exceeded, unsupported (a kind that is not listed above).
base::Result<std::vector<EvidenceHash>> parse_biometric_info(base::ByteView value);

}  // namespace heqi::x509
