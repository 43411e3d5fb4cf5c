#include "signature_text.h"

#include <cmath>
#include <cstdio>

#include <heqi/base/text.h>

namespace heqi::documents::ofd {

using base::Code;
using base::fail;

namespace {

constexpr std::string_view kDeclaration = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
constexpr std::string_view kSm3 = "1.2.156.10197.1.401", kSm2WithSm3 = "1.2.156.10197.1.501";

std::string attribute(std::string_view name, std::string_view value) {
  return " " + std::string(name) + "=\"" + xml_escaped(value) + "\"";
}

std::string element(std::string_view name, std::string_view text) {
  const std::string tag = "ofd:" + std::string(name);
  return "<" + tag + ">" + xml_escaped(text) + "</" + tag + ">";
}

std::string box_text(const Box& box) {
  return millimetres(box.x) + " " + millimetres(box.y) + " " + millimetres(box.width) + " " +
         millimetres(box.height);
}

std::string time_text(base::Time time) {
  const base::CivilTime civil = base::civil_time(time);
  char out[32];
  std::snprintf(out, sizeof out, "%04d%02d%02d%02d%02d%02dZ", civil.year, civil.month, civil.day,
                civil.hour, civil.minute, civil.second);
  return out;
}

std::string references_text(const std::vector<Reference>& references) {
  std::string out = "<ofd:References" + attribute("CheckMethod", kSm3) + ">\n";
  for (const Reference& one : references)
    out += "<ofd:Reference" + attribute("FileRef", "/" + one.part) + ">" +
           element("CheckValue", base::to_base64(one.digest)) + "</ofd:Reference>\n";
  return out + "</ofd:References>\n";
}

std::string stamps_text(const SignatureText& text) {
  std::string out;
  for (std::size_t i = 0; i < text.request.stamps.size(); ++i) {
    const StampRequest& stamp = text.request.stamps[i];
    out += "<ofd:StampAnnot" + attribute("ID", std::to_string(text.first_stamp_id + i)) +
           attribute("PageRef", text.page_ids[i]) + attribute("Boundary", box_text(stamp.boundary));
    if (stamp.clip) out += attribute("Clip", box_text(*stamp.clip));
    out += "/>\n";
  }
  return out;
}

}  // namespace

std::string millimetres(double value) {
  char out[40];
  std::snprintf(out, sizeof out, "%.3f", std::round(value * 1000) / 1000);
  std::string text = out;
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string signature_text(const SignatureText& text) {
  const SignatureRequest& request = text.request;
  std::string out = std::string(kDeclaration) + "<ofd:Signature xmlns:ofd=\"" +
                    std::string(kNamespace) + "\">\n<ofd:SignedInfo>\n";
  out += "<ofd:Provider" + attribute("ProviderName", request.provider) +
         attribute("Version", request.provider_version) + attribute("Company", request.company) +
         "/>\n";
  out += element("SignatureMethod", kSm2WithSm3) + "\n";
  out += element("SignatureDateTime", time_text(request.time)) + "\n";
  out += references_text(text.references) + stamps_text(text);
  if (!text.seal_part.empty())
    out += "<ofd:Seal>" + element("BaseLoc", "/" + text.seal_part) + "</ofd:Seal>\n";
  out += "</ofd:SignedInfo>\n" + element("SignedValue", "/" + text.value_part);
  return out + "\n</ofd:Signature>\n";
}

std::string signature_list_text(const SignatureList& list) {
  std::string out = std::string(kDeclaration) + "<ofd:Signatures xmlns:ofd=\"" +
                    std::string(kNamespace) + "\">\n";
  out += element("MaxSignId", std::to_string(list.id_max.value_or(0))) + "\n";
  for (const SignatureEntry& one : list.entries)
    out += "<ofd:Signature" + attribute("ID", one.id) +
           attribute("Type", one.type == SignatureType::seal ? "Seal" : "Sign") +
           attribute("BaseLoc", "/" + one.part) + "/>\n";
  return out + "</ofd:Signatures>\n";
}

base::Result<std::string> with_signatures_part(std::string_view root_text, std::size_t body,
                                               std::string_view part) {
  std::size_t at = 0;
  for (std::size_t seen = 0;; at += 2) {
    at = root_text.find("</", at);
    if (at == std::string_view::npos) return fail(Code::malformed, "OFD.xml: no end of a DocBody");
    const std::size_t end = root_text.find('>', at);
    if (end == std::string_view::npos) return fail(Code::malformed, "OFD.xml: a tag without end");
    const std::string_view name = base::trim(root_text.substr(at + 2, end - at - 2));
    const bool closes = name == "DocBody" || name.ends_with(":DocBody");
    if (!closes || seen++ != body) continue;
    const std::string prefix(name.substr(0, name.size() - std::string_view("DocBody").size()));
    std::string out(root_text.substr(0, at));
    out += "<" + prefix + "Signatures>/" + xml_escaped(part) + "</" + prefix + "Signatures>";
    return out + std::string(root_text.substr(at));
  }
}

}  // namespace heqi::documents::ofd
