#include "evidence_files.h"

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>

namespace heqi::program {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::Result;

namespace {

constexpr std::size_t kEvidenceSizeMax = std::size_t{64} << 20;
constexpr std::string_view kPemBegins = "-----BEGIN ";

base::Error named(const std::string& path, const base::Error& error) {
  return base::fail(error.code, path + (error.detail.empty() ? "" : ": " + error.detail));
}

// blocks_of gives the DER of a file: those of its PEM blocks of one label, or the file itself.
Result<std::vector<Bytes>> blocks_of(ByteView file, std::string_view label) {
  if (base::text_of(file).find(kPemBegins) == std::string_view::npos)
    return std::vector<Bytes>{base::to_bytes(file)};
  HEQI_TRY(std::vector<base::PemBlock> blocks, base::parse_pem(base::text_of(file)));
  std::vector<Bytes> out;
  for (base::PemBlock& one : blocks)
    if (one.label == label) out.push_back(std::move(one.der));
  if (out.empty()) return base::fail(Code::malformed, "no block " + std::string(label));
  return out;
}

// read_all reads every file of an option with parse, one item for each block.
template <class Item>
base::Status read_all(const Arguments& arguments, const Option& option, std::string_view label,
                      Result<Item> (*parse)(ByteView), std::vector<Item>& out) {
  for (const std::string& path : arguments.all(option.name)) {
    HEQI_TRY(const Bytes file, base::read_file(path, kEvidenceSizeMax));
    const auto blocks = blocks_of(file, label);
    if (!blocks) return named(path, blocks.error());
    for (const Bytes& der : *blocks) {
      auto item = parse(der);
      if (!item) return named(path, item.error());
      out.push_back(*std::move(item));
    }
  }
  return {};
}

}  // namespace

base::Result<base::Time> time_of_judgement(const Arguments& arguments) {
  const auto given = arguments.find("--at");
  if (!given) return base::SystemClock().now();
  const auto time = base::parse_rfc3339(*given);
  if (!time) return base::fail(base::Code::malformed, "--at: such as 2026-05-01T12:00:00Z");
  return *time;
}

Result<Evidence> load_evidence(const Arguments& arguments) {
  Evidence out;
  HEQI_TRY(read_all(arguments, kCertificatesOption, "CERTIFICATE", x509::parse_certificate,
                    out.certificates));
  HEQI_TRY(read_all(arguments, kCrlOption, "X509 CRL", pki::parse_crl, out.crls));
  HEQI_TRY(
      read_all(arguments, kOcspOption, "OCSP RESPONSE", pki::parse_ocsp_answer, out.ocsp_answers));
  HEQI_TRY(read_all(arguments, kStatusOption, "SEAL STATUS LIST",
                    documents::seal::parse_status_list, out.seal_status));
  return out;
}

}  // namespace heqi::program
