#include <heqi/documents/ofd/signature_file.h>

#include <algorithm>
#include <set>

#include <heqi/base/text.h>

namespace heqi::documents::ofd {

using base::Code;
using base::fail;

namespace {

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t out = 0;
  if (text.empty() || text.size() > 9) return std::nullopt;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    out = out * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return out;
}

// find_part resolves a reference as the standard says, or from the root where only that leads to an
// entry: some makers leave the leading "/" out.
base::Result<std::string> find_part(const Package& package, const std::string& from,
                                    std::string_view reference,
                                    std::vector<std::string>& deviations) {
  HEQI_TRY(std::string part, resolve(from, reference));
  if (package.find(part) || reference.starts_with('/')) return part;
  const auto rooted = resolve("", reference);
  if (!rooted || !package.find(*rooted)) return part;
  const std::string note = "paths from the root without a leading \"/\"";
  if (std::find(deviations.begin(), deviations.end(), note) == deviations.end())
    deviations.push_back(note);
  return *rooted;
}

base::Status read_provider(const XmlElement& info, SignatureFile& out) {
  HEQI_TRY(const auto provider, find_only(info, "Provider"));
  if (!provider) {
    out.deviations.emplace_back("no Provider");
    return {};
  }
  out.provider = provider->attribute("ProviderName").value_or("");
  out.company = provider->attribute("Company").value_or("");
  if (out.provider.empty()) out.deviations.emplace_back("a Provider without its name");
  return {};
}

base::Status read_references(const Package& package, const std::string& part,
                             const XmlElement& info, SignatureFile& out) {
  HEQI_TRY(const XmlElement references, get_only(info, "References"));
  out.check_method = references.attribute("CheckMethod").value_or("");
  for (const XmlElement& one : references.children("Reference")) {
    const auto place = one.attribute("FileRef");
    if (!place) return fail(Code::malformed, "a Reference without FileRef");
    HEQI_TRY(const XmlElement value, get_only(one, "CheckValue"));
    Reference reference;
    HEQI_TRY(reference.part, find_part(package, part, *place, out.deviations));
    std::string digits = value.text();
    std::erase_if(digits, [](char c) { return c == '\n' || c == '\r' || c == ' ' || c == '\t'; });
    HEQI_TRY(reference.digest, base::parse_base64(digits));
    if (out.references.size() == package.limits().entries)
      return fail(Code::limit_exceeded, "too many references");
    out.references.push_back(std::move(reference));
  }
  if (out.references.empty()) return fail(Code::malformed, "a signature that refers to nothing");
  return {};
}

base::Status read_stamps(const XmlElement& info, SignatureFile& out) {
  for (const XmlElement& one : info.children("StampAnnot")) {
    StampPlace stamp;
    const auto page = one.attribute("PageRef"), boundary = one.attribute("Boundary");
    if (!page || !boundary) return fail(Code::malformed, "a StampAnnot without page or place");
    stamp.id = one.attribute("ID").value_or("");
    stamp.page_id = *page;
    HEQI_TRY(stamp.boundary, parse_box(*boundary));
    if (const auto clip = one.attribute("Clip")) {
      HEQI_TRY(stamp.clip, parse_box(*clip));
    }
    if (out.stamps.size() == kStampsMax) return fail(Code::limit_exceeded, "too many stamps");
    out.stamps.push_back(std::move(stamp));
  }
  return {};
}

}  // namespace

base::Result<SignatureList> read_signature_list(const Package& package, const std::string& part) {
  HEQI_TRY(const XmlElement root, read_xml(package, part));
  if (root.name() != "Signatures") return fail(Code::malformed, part + " lists no signatures");
  SignatureList out;
  // Some write it twice; it decides nothing.
  const auto id_max = root.child("MaxSignId");
  if (id_max) out.id_max = number_of(id_max->text());
  std::set<std::string> parts;
  for (const XmlElement& one : root.children("Signature")) {
    const auto id = one.attribute("ID"), place = one.attribute("BaseLoc");
    if (!id || !place) return fail(Code::malformed, part + ": a signature without ID or BaseLoc");
    const std::string type = one.attribute("Type").value_or("Seal");
    if (type != "Seal" && type != "Sign")
      return fail(Code::malformed, part + ": a signature of type " + type);
    SignatureEntry entry{*id, type == "Seal" ? SignatureType::seal : SignatureType::sign, {}};
    HEQI_TRY(entry.part, resolve(part, *place));
    if (!package.find(entry.part))
      return fail(Code::malformed, part + ": there is no " + entry.part);
    if (!parts.insert(entry.part).second)
      return fail(Code::malformed, part + ": " + entry.part + " twice");
    if (out.entries.size() == kSignaturesMax)
      return fail(Code::limit_exceeded, "too many signatures");
    out.entries.push_back(std::move(entry));
  }
  return out;
}

base::Result<SignatureFile> read_signature_file(const Package& package, const std::string& part) {
  HEQI_TRY(const XmlElement root, read_xml(package, part));
  if (root.name() != "Signature") return fail(Code::malformed, part + " is no signature");
  SignatureFile out;
  HEQI_TRY(const XmlElement info, get_only(root, "SignedInfo"));
  HEQI_TRY(const XmlElement value, get_only(root, "SignedValue"));
  HEQI_TRY(out.value_part, find_part(package, part, value.text(), out.deviations));
  HEQI_TRY(read_provider(info, out));
  HEQI_TRY(const auto method, find_only(info, "SignatureMethod"));
  out.method = method ? method->text() : "";
  HEQI_TRY(const auto time, find_only(info, "SignatureDateTime"));
  out.date_time = time ? time->text() : "";
  HEQI_TRY(read_references(package, part, info, out));
  HEQI_TRY(read_stamps(info, out));
  HEQI_TRY(const auto seal, find_only(info, "Seal"));
  if (seal) {
    const std::string place =
        seal->attribute("BaseLoc").value_or(seal->child_text("BaseLoc").value_or(""));
    HEQI_TRY(out.seal_part, find_part(package, part, place, out.deviations));
  }
  return out;
}

}  // namespace heqi::documents::ofd
