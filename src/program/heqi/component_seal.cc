#include "component_seal.h"

#include <heqi/base/file_store.h>
#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/documents/ofd/package.h>
#include <heqi/documents/ofd/sign.h>
#include <heqi/documents/seal/verify.h>
#include <heqi/ossl/digest.h>
#include <heqi/ossl/signature_verifier.h>

#include "wall_time.h"

namespace heqi::program {

namespace ofd = documents::ofd;
namespace seal = documents::seal;
using base::Bytes;
using base::Code;
using base::fail;
using base::Result;

namespace {

// check_answer says whether what a component gave is a signature by this seal over this file.
base::Status check_answer(base::ByteView value, base::ByteView used, base::ByteView signature_xml) {
  HEQI_TRY(const seal::SealedSignature sealed, seal::parse_sealed_signature(value));
  if (!base::same_bytes(sealed.seal.der, used))
    return fail(Code::invalid_signature, "the component used another seal");
  const auto signatures = ossl::make_signature_verifier();
  const pki::FunctionDigester digests{ossl::digest};
  const seal::SealJudgement judgement =
      seal::verify_sealed_signature(sealed, signature_xml, {}, {*signatures, digests});
  for (const seal::Step step :
       {seal::Step::data_hash, seal::Step::signature, seal::Step::signer_listed})
    if (judgement.at(step).outcome != seal::Outcome::passed)
      return fail(Code::invalid_signature, "the component's " + std::string(seal::name_of(step)) +
                                               ": " + judgement.at(step).why);
  return {};
}

}  // namespace

Result<SignedOfd> seal_by_component(const OfdWish& wish, const std::string& seal_id,
                                    SealComponent& component) {
  HEQI_TRY(const Bytes file, base::read_file(wish.input, kOfdSizeMax));
  ofd::SignatureRequest request;
  request.type = ofd::SignatureType::seal;
  HEQI_TRY(request.seal, component.find_seal(seal_id));
  HEQI_TRY(const seal::Seal used, seal::parse_seal(request.seal));
  if (used.info.signers.certificates.empty())
    return fail(Code::unsupported, "a seal whose signers are listed by digest");
  HEQI_TRY(request.signer, x509::parse_certificate(used.info.signers.certificates[0]));
  HEQI_TRY(const std::string time, component.time_of_signing());
  HEQI_TRY(request.time, parse_wall_time(time));
  HEQI_TRY(request.stamps, stamps_of(wish, file, used.info.picture));
  request.closing = wish.closing;
  HEQI_TRY(const ofd::Prepared prepared, ofd::prepare_signature(file, request));
  HEQI_TRY(const Bytes value,
           component.sign({seal_id, "/" + prepared.part, time,
                           base::to_bytes(crypto::sm3(prepared.signature_xml))}));
  HEQI_TRY(check_answer(value, used.der, prepared.signature_xml));
  HEQI_TRY(const ofd::Package package, ofd::Package::open(prepared.package));
  HEQI_TRY(const Bytes done, ofd::write_package(&package, {{prepared.value_part, value}}));
  HEQI_TRY(base::write_file(wish.output, done));
  return SignedOfd{prepared.part, request.stamps.size(), base::to_hex(crypto::sm3(done))};
}

}  // namespace heqi::program
