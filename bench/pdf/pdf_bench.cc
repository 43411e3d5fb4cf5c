// Signing and verifying of PDF files: RSA beside PDFBox with the same key, SM2 beside bare SM3 over
// the same octets.
#include <benchmark/benchmark.h>

#include <heqi/crypto/sm3.h>
#include <heqi/documents/verify/verify.h>

#include "desk.h"
#include "pdfbox_peer.h"
#include "rows.h"

namespace heqi::bench {
namespace {

constexpr std::size_t kLarge = 100'000'000;

using File = std::function<base::Bytes()>;

// sign_rsa makes whole new files, as PDFBox does.
Prepare sign_rsa(const std::shared_ptr<Desk>& desk, const File& file) {
  return [desk, file]() -> Operation {
    return [desk, content = file()] {
      const auto more = desk->sign(content);
      if (!more) return false;
      benchmark::DoNotOptimize(base::concat({content, *more}));
      return true;
    };
  };
}

// pdfbox signs the same file with the same key.
Peer pdfbox(const std::shared_ptr<Desk>& desk, const File& file, Provider provider) {
  Peer peer;
  peer.who = provider == Provider::jdk ? "pdfbox" : "pdfbox+bc";
  peer.figure = [desk, file, provider] {
    return pdfbox_signatures_per_second(*desk, file(), provider);
  };
  return peer;
}

// digest_and_rsa is OpenSSL's SHA-256 of the file and its RSA: the bound of every signer.
Peer digest_and_rsa(const std::shared_ptr<Desk>& desk, const File& file) {
  Peer peer;
  peer.who = "sha256+rsa";
  peer.prepare = [desk, file]() -> Operation {
    return [desk, content = file()] { return desk->sign_octets(content).has_value(); };
  };
  return peer;
}

// signers are the peers of a row, and the bound of all of them.
std::vector<Peer> signers(const std::shared_ptr<Desk>& desk, const File& file) {
  return {pdfbox(desk, file, Provider::bouncy_castle), pdfbox(desk, file, Provider::jdk),
          digest_and_rsa(desk, file)};
}

// sign_sm2 makes what is appended; the file stays where it is.
Prepare sign_sm2(std::size_t size) {
  return [size]() -> Operation {
    const auto desk = std::make_shared<Desk>(Desk::Kind::sm2);
    return [desk, content = with_image(size)] { return desk->sign(content).has_value(); };
  };
}

Prepare verify_sm2(std::size_t size) {
  return [size]() -> Operation {
    const auto desk = std::make_shared<Desk>(Desk::Kind::sm2);
    const base::Bytes content = with_image(size);
    base::Bytes whole = base::concat({content, *desk->sign(content)});
    documents::verify::VerifyOptions options;
    options.trust = pki::TrustStore({desk->certificate()});
    options.now = testing::at("2026-06-02T00:00:00Z");
    return [desk, whole = std::move(whole), options] {
      const auto report = documents::verify::verify_pdf(whole, options);
      return report && report->signatures.size() == 1 &&
             report->signatures[0].signature == documents::verify::SignatureValue::valid;
    };
  };
}

Peer bare_sm3(std::size_t size) {
  return {"sm3",
          [size]() -> Operation {
            return [data = base::Bytes(size, 1)] {
              benchmark::DoNotOptimize(crypto::sm3(data));
              return true;
            };
          },
          {},
          0,
          {}};
}

void add_rows(std::vector<Row>& rows) {
  const File image = [] { return with_image(1'000'000); };
  const File objects = [] { return with_objects(5'000); };
  const Unit per_second = Unit::operations_per_second, volume = Unit::megabytes_per_second;
  const double large = static_cast<double>(kLarge);
  const auto desk = std::make_shared<Desk>(Desk::Kind::rsa);
  rows.push_back(
      {"pdf_rsa_sign_image", per_second, 1, {}, sign_rsa(desk, image), signers(desk, image)});
  rows.push_back(
      {"pdf_rsa_sign_objects", per_second, 1, {}, sign_rsa(desk, objects), signers(desk, objects)});
  rows.push_back({"pdf_sm2_sign_100m", volume, large, {}, sign_sm2(kLarge), {bare_sm3(kLarge)}});
  rows.push_back(
      {"pdf_sm2_verify_100m", volume, large, {}, verify_sm2(kLarge), {bare_sm3(kLarge)}});
  rows.push_back({"pdf_verify_1m", per_second, 1, {}, verify_sm2(1'000'000), {}});
}

const Group kGroup("pdf", add_rows);

}  // namespace
}  // namespace heqi::bench
