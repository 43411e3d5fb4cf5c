// heqi/services/ca/profile.h: what certificates of each kind hold (GB/T 20518, RFC 5280). The rules
// are data: src/services/ca/profiles/*.profile are built in, and an installation may bring its own.
#pragma once
#include <map>

#include <heqi/base/file_store.h>
#include <heqi/base/random.h>
#include <heqi/x509/biometric_info.h>
#include <heqi/x509/certificate_builder.h>

namespace heqi::services::ca {

enum class Profile : std::uint8_t {
  root,
  issuing,
  status_responder,
  time_stamp_authority,
  application,
  person,
  organization,
  device,
  server,
  event,
  encryption,
};
inline constexpr std::size_t kProfiles = 11;
std::string_view name_of(Profile profile);
base::Result<Profile> parse_profile_name(std::string_view name);  // malformed

// Presence says whether a certificate of a profile has something.
enum class Presence : std::uint8_t { none, optional, required };

// Review says who decides about applications for a profile; the registration authority asks.
enum class Review : std::uint8_t { automatic, manual, two_person };

// Rules are the content of one profile file.
struct Rules {
  Profile profile = Profile::person;
  base::Duration lifetime{0};
  x509::KeyUsage usage;
  std::vector<asn1::Oid> purposes;  // extended key usage; empty: none
  std::vector<asn1::Oid> policies;  // certificate policies; empty: none
  Presence identity = Presence::none;
  Presence alternative_names = Presence::none;
  Presence evidence = Presence::none;
  Review review = Review::two_person;
};
// parse_rules reads one file: "key = value" lines. Fails with malformed, naming the key.
base::Result<Rules> parse_rules(std::string_view text);

// Profiles are the rules of one installation.
class Profiles {
 public:
  // built_in are the files of this program.
  static const Profiles& built_in();
  // load replaces built-in rules by the *.profile files of a folder; files not there stay built-in.
  static base::Result<Profiles> load(const base::FileStore& files);

  const Rules& of(Profile profile) const { return rules_.at(static_cast<std::size_t>(profile)); }

 private:
  std::vector<Rules> rules_;  // by Profile
};

// Locations are where relying parties find status; written into every certificate below the root.
struct Locations {
  std::string crl, ocsp, issuer_certificate;  // http URLs; empty ones are left out
};

// Wanted is what a certificate is to say.
struct Wanted {
  Profile profile;
  x509::Name subject;
  x509::PublicKeyInfo public_key;
  base::Time not_before, not_after;
  std::vector<x509::Extension> identity;  // Chinese identity extensions, may be empty
  std::vector<x509::GeneralName> alternative_names = {};
  std::vector<x509::EvidenceHash> evidence = {};
};

// make_serial draws 16 octets with the highest bit clear and not zero: 126 random bits.
base::Result<base::Bytes> make_serial(base::Random& random);

// make_body fills in the extensions of the profile. issuer is nullptr for a root. Fails with
// malformed where the validity is not inside the issuer's or what the profile requires is missing;
// denied where there is something that it does not allow.
base::Result<x509::CertificateBody> make_body(const Wanted& wanted, const x509::Certificate* issuer,
                                              const Locations& locations, base::Bytes serial,
                                              const Profiles& profiles = Profiles::built_in());

}  // namespace heqi::services::ca
