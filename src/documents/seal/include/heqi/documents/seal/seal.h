// heqi/documents/seal/seal.h: electronic seals, SESeal of GB/T 38540-2020 §6 (version 4, written
// and read), GM/T 0031-2014 (version 1, read) and GM/T 0031-2025 (version 5, read).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include <heqi/base/clock.h>
#include <heqi/documents/seal/deviation.h>
#include <heqi/x509/certificate.h>
#include <heqi/x509/signer.h>

namespace heqi::documents::seal {

// Limits of one seal; docs/limits.md.
inline constexpr std::size_t kSealSizeMax = std::size_t{4} << 20;
inline constexpr std::size_t kPictureSizeMax = std::size_t{2} << 20;
inline constexpr std::size_t kSignersOfSealMax = 256;
inline constexpr std::size_t kSealExtensionsMax = 64;
inline constexpr std::size_t kChainMax = 16;  // certificates that one extension carries
inline constexpr std::int64_t kSealSideMaxMm = 200;

// Layout is the version by which a structure is built.
enum class Layout : std::uint8_t { v1, v4, v5 };
std::string_view name_of(Layout layout);

// Picture is what is stamped.
struct Picture {
  std::string type;  // "PNG", "BMP", "JPG", "OFD", as found; compare without case
  base::Bytes data;
  std::int64_t width_mm = 0, height_mm = 0;
};

struct ExtensionData {
  asn1::Oid type;
  bool critical = false;
  base::Bytes value;
};

// CertificateDigest names a certificate of a signer by its hash.
struct CertificateDigest {
  std::string algorithm;  // "SM3", or a dotted identifier
  base::Bytes value;
};

// SignerList says who may seal: certificates themselves, or their digests.
struct SignerList {
  std::vector<base::Bytes> certificates;  // DER
  std::vector<CertificateDigest> digests;
};
// lists tells whether certificate is in list, byte for byte or by its SM3.
bool lists(const SignerList& list, const x509::Certificate& certificate);

// make_certificate_values is an extension that carries the certificates above a signer or maker, so
// that a reader finds the way to its anchor (CertificateValues of ETSI EN 319 122-1 §A.1.1.2).
// Nothing in it is trusted.
ExtensionData make_certificate_values(const std::vector<x509::Certificate>& chain);
// find_certificate_values are the certificates of that extension; what cannot be read is left out.
std::vector<x509::Certificate> find_certificate_values(const std::vector<ExtensionData>& all);

struct SealInfo {
  std::int64_t version = 4;
  std::string vendor;
  std::string id;  // esID
  std::int64_t type = 1;
  std::string name;
  SignerList signers;
  base::Time created, valid_from, valid_until;
  Picture picture;
  std::vector<ExtensionData> extensions;

  bool is_valid_at(base::Time time) const { return valid_from <= time && time <= valid_until; }
};

// Seal is a parsed seal that owns its DER. Parsing says nothing about trust.
struct Seal {
  Layout layout = Layout::v4;
  SealInfo info;
  base::Bytes info_der;     // SES_SealInfo as found: what the maker signs (version 4)
  base::Bytes wide_der;     // with certificate and algorithm: what the maker signs (version 1)
  base::Bytes certificate;  // of the maker, DER
  asn1::Oid algorithm;
  base::Bytes signature;                  // as found; see value.h
  std::optional<base::Bytes> time_stamp;  // DER token (version 5)
  base::Bytes der;
  Deviations deviations;
};

// parse_seal reads one SESeal; zero octets may follow it. Fails with malformed, unsupported (a
// layout that is none of the three), limit_exceeded.
base::Result<Seal> parse_seal(base::ByteView octets);

// SealRequest is what a maker puts into a new seal. The version is 4.
struct SealRequest {
  SealInfo info;
  std::vector<x509::Certificate> signers;  // listed whole; or else info.signers.digests
};
// encode_seal_info makes the octets that the maker signs. Fails with malformed: an empty id, name
// or list of signers, an id or vendor outside ASCII, a period that ends before it begins, a
// picture without octets or millimetres; limit_exceeded.
base::Result<base::Bytes> encode_seal_info(const SealRequest& request);
// assemble_seal joins what was signed, the maker and the signature value.
base::Result<base::Bytes> assemble_seal(base::ByteView seal_info, const x509::Certificate& maker,
                                        const x509::AlgorithmIdentifier& algorithm,
                                        base::ByteView signature);
// make_seal does both, with a signer at hand.
base::Result<base::Bytes> make_seal(const SealRequest& request, const x509::Certificate& maker,
                                    x509::Signer& signer);

// check_usable says whether certificate may seal with seal at time. Fails with seal_unusable.
base::Status check_usable(const Seal& seal, const x509::Certificate& certificate, base::Time time);

// check_picture says whether a picture of type PNG, JPG, BMP or OFD is whole as far as can be
// told without drawing it. Fails with malformed, unsupported, limit_exceeded.
base::Status check_picture(const Picture& picture);

}  // namespace heqi::documents::seal
