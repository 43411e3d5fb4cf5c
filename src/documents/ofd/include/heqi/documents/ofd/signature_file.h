// heqi/documents/ofd/signature_file.h: Signatures.xml and Signature.xml (GB/T 33190 §18), as found.
#pragma once
#include <heqi/documents/ofd/document.h>

namespace heqi::documents::ofd {

// Reference is one part with the digest that was signed.
struct Reference {
  std::string part;
  base::Bytes digest;
};

struct StampPlace {
  std::string id, page_id;
  Box boundary;             // of the whole picture, on the page
  std::optional<Box> clip;  // what of it stays visible, from its corner
};

enum class SignatureType : std::uint8_t { seal, sign };

// SignatureEntry is one line of Signatures.xml.
struct SignatureEntry {
  std::string id;
  SignatureType type = SignatureType::seal;
  std::string part;  // Signature.xml
};
struct SignatureList {
  std::optional<std::uint64_t> id_max;  // MaxSignId, where it is a number
  std::vector<SignatureEntry> entries;
};
// read_signature_list fails with malformed (an entry without ID or BaseLoc, two entries for one
// part), not_found (no such part), limit_exceeded.
base::Result<SignatureList> read_signature_list(const Package& package, const std::string& part);

// SignatureFile is one Signature.xml.
struct SignatureFile {
  std::string provider, company, method, date_time;
  std::string check_method;  // as stated; empty where it is not
  std::vector<Reference> references;
  std::vector<StampPlace> stamps;
  std::optional<std::string> seal_part;
  std::string value_part;
  std::vector<std::string> deviations;  // in English
};
// read_signature_file fails with malformed naming what, limit_exceeded.
base::Result<SignatureFile> read_signature_file(const Package& package, const std::string& part);

}  // namespace heqi::documents::ofd
