// heqi/documents/seal/status_list.h: which seals their maker has withdrawn. GB/T 38540 asks for the
// status of a seal and defines no message for it; this is ours, signed by the maker:
//   SealStatusList ::= SEQUENCE { info SealStatusInfo, maker OCTET STRING (certificate),
//                                 algorithm OBJECT IDENTIFIER, signature BIT STRING }
//   SealStatusInfo ::= SEQUENCE { version INTEGER (1), thisUpdate GeneralizedTime,
//                                 nextUpdate GeneralizedTime, SEQUENCE OF SEQUENCE {
//                                 esID IA5String, since GeneralizedTime, state ENUMERATED } }
#pragma once
#include <heqi/documents/seal/seal.h>
#include <heqi/pki/algorithms.h>

namespace heqi::documents::seal {

inline constexpr std::size_t kStatusEntriesMax = 100'000;
inline constexpr std::size_t kStatusListSizeMax = std::size_t{16} << 20;

enum class SealState : std::uint8_t { suspended = 0, revoked = 1 };

struct SealStatusEntry {
  std::string id;  // esID
  base::Time since;
  SealState state = SealState::revoked;
};

struct SealStatusList {
  base::Time this_update, next_update;
  std::vector<SealStatusEntry> entries;
  base::Bytes certificate;  // of the maker, DER
  asn1::Oid algorithm;
  base::Bytes signature;
  base::Bytes info_der, der;
};

// find_status is the entry of a seal, or nullptr where it is in force.
const SealStatusEntry* find_status(const SealStatusList& list, std::string_view id);

// make_status_list fails with malformed: an id that is empty, not ASCII or given twice, or a list
// that ends before it begins.
base::Result<base::Bytes> make_status_list(base::Time this_update, base::Time next_update,
                                           const std::vector<SealStatusEntry>& entries,
                                           const x509::Certificate& maker, x509::Signer& signer);
// parse_status_list fails with malformed, unsupported (another version), limit_exceeded.
base::Result<SealStatusList> parse_status_list(base::ByteView der);
// newest_list is the last of lists that the maker of seal made by now (its signature is not looked
// at), else the first of a later date; nullptr where the maker made none.
const SealStatusList* newest_list(const std::vector<SealStatusList>& lists, const Seal& seal,
                                  base::Time now);
// verify_status_list checks that the maker of seal signed the list. Fails with invalid_signature,
// untrusted (another maker).
base::Status verify_status_list(const SealStatusList& list, const Seal& seal,
                                const pki::Algorithms& algorithms);

}  // namespace heqi::documents::seal
