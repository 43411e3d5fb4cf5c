// signature_text.h: the XML that signatures are written as.
#pragma once
#include <heqi/documents/ofd/sign.h>

namespace heqi::documents::ofd {

inline constexpr std::string_view kNamespace = "http://www.ofdspec.org/2016";

// SignatureText is what goes into one Signature.xml.
struct SignatureText {
  const SignatureRequest& request;
  std::vector<Reference> references;
  std::vector<std::string> page_ids;  // of the request's stamps, in order
  std::uint64_t first_stamp_id = 1;
  std::string value_part, seal_part;  // seal_part: empty where there is none
};
std::string signature_text(const SignatureText& text);

std::string signature_list_text(const SignatureList& list);

// with_signatures_part is the text of OFD.xml with the place of the list of signatures in the
// DocBody of that index. Fails with malformed where the place cannot be found.
base::Result<std::string> with_signatures_part(std::string_view root_text, std::size_t body,
                                               std::string_view part);

// millimetres writes a length with at most three decimals.
std::string millimetres(double value);

}  // namespace heqi::documents::ofd
