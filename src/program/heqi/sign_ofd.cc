#include "sign_ofd.h"

#include <chrono>

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/ofd/verify.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>
#include <heqi/x509/oids.h>

#include "mapped_file.h"
#include "time_stamp_client.h"

namespace heqi::program {

namespace ofd = documents::ofd;
namespace seal = documents::seal;
using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;
using base::Result;

Result<std::vector<ofd::StampRequest>> stamps_of(const OfdWish& wish, ByteView file,
                                                 const seal::Picture& picture) {
  const auto width = static_cast<double>(picture.width_mm),
             height = static_cast<double>(picture.height_mm);
  if (wish.place)
    return std::vector<ofd::StampRequest>{
        {wish.place->page, {wish.place->x, wish.place->y, width, height}, std::nullopt}};
  HEQI_TRY(const ofd::Package package, ofd::Package::open(file));
  HEQI_TRY(const std::vector<ofd::Body> bodies, ofd::read_bodies(package));
  if (wish.seam) {
    HEQI_TRY(const std::vector<ofd::Box> boxes, ofd::page_boxes(package, bodies[0]));
    ofd::SeamRequest request = *wish.seam;
    request.width = width, request.height = height;
    return ofd::plan_seam(boxes, request);
  }
  HEQI_TRY(const auto places, ofd::find_text(package, bodies[0], wish.word));
  if (places.empty()) return fail(Code::not_found, "\"" + wish.word + "\" stands on no page");
  std::vector<ofd::StampRequest> out;
  for (const ofd::TextPlace& one : places)
    out.push_back({one.page,
                   {one.box.x + (one.box.width - width) / 2,
                    one.box.y + (one.box.height - height) / 2, width, height},
                   std::nullopt});
  return out;
}

namespace {

Result<ofd::SignatureRequest> request_of(const OfdWish& wish, const SigningKey& key, ByteView file,
                                         base::Time now) {
  ofd::SignatureRequest out;
  out.signer = key.certificate;
  out.chain = key.chain;
  out.time = now;
  out.closing = wish.closing;
  if (wish.seal.empty()) return out;
  out.type = ofd::SignatureType::seal;
  HEQI_TRY(out.seal, base::read_file(wish.seal, seal::kSealSizeMax));
  HEQI_TRY(const seal::Seal used, seal::parse_seal(out.seal));
  HEQI_TRY(out.stamps, stamps_of(wish, file, used.info.picture));
  return out;
}

}  // namespace

bool is_ofd_file(const std::string& path) {
  const auto file = MappedFile::open(path, kOfdSizeMax);
  return file && ofd::is_package(file->octets());
}

Result<SignedOfd> sign_ofd(const OfdWish& wish, SigningKey& key, base::Fetch& fetch,
                           const base::Clock& clock, base::Random& random) {
  if (!key.certificate.public_key().is_sm2())
    return fail(Code::unsupported, "OFD files are signed with SM2 keys");
  HEQI_TRY(const Bytes file, base::read_file(wish.input, kOfdSizeMax));
  const base::Time now = std::chrono::floor<std::chrono::seconds>(clock.now());
  HEQI_TRY(const ofd::SignatureRequest request, request_of(wish, key, file, now));
  HEQI_TRY(const ofd::Prepared prepared, ofd::prepare_signature(file, request));
  HEQI_TRY(const Bytes value, key.signer->sign(prepared.to_sign));
  std::optional<Bytes> token;
  if (!wish.time_stamp_url.empty()) {
    const auto signatures = ossl::make_signature_verifier();
    const pki::FunctionDigester digests{ossl::digest};
    TimeStampClient stamps(wish.time_stamp_url, fetch, random, {*signatures, digests});
    HEQI_TRY(token, stamps.stamp(value, x509::oids::sm3()));
  }
  HEQI_TRY(const Bytes done,
           ofd::finish_signature(prepared, key.signer->algorithm(), value, token));
  HEQI_TRY(base::write_file(wish.output, done));
  return SignedOfd{prepared.part, request.stamps.size(), base::to_hex(crypto::sm3(done))};
}

}  // namespace heqi::program
