#include <heqi/documents/ofd/sign.h>

#include <algorithm>

#include <heqi/base/text.h>
#include <heqi/crypto/sm3.h>
#include <heqi/pki/cms.h>
#include <heqi/x509/oids.h>
#include <heqi/x509/signed_attributes.h>

#include "signature_text.h"

namespace heqi::documents::ofd {

using base::Bytes;
using base::ByteView;
using base::Code;
using base::fail;

namespace {

Bytes digest_of(ByteView octets) {
  const crypto::Digest digest = crypto::sm3(octets);
  return Bytes(digest.begin(), digest.end());
}

std::string folder_of(std::string_view part) {
  const std::size_t slash = part.rfind('/');
  return slash == std::string_view::npos ? std::string() : std::string(part.substr(0, slash + 1));
}

// Places are the names of the files that a new signature adds.
struct Places {
  std::string list, part, value, seal;  // list: Signatures.xml
};

Places choose_places(const Package& package, const Body& body) {
  Places out;
  out.list = body.signatures_part.value_or(folder_of(body.part) + "Signs/Signatures.xml");
  for (std::size_t number = 0;; ++number) {
    const std::string folder = folder_of(out.list) + "Sign_" + std::to_string(number) + "/";
    const bool used = std::any_of(package.entries().begin(), package.entries().end(),
                                  [&](const Entry& one) { return one.name.starts_with(folder); });
    if (used) continue;
    out.part = folder + "Signature.xml";
    out.value = folder + "SignedValue.dat";
    out.seal = folder + "Seal.esl";
    return out;
  }
}

// check_open refuses where an earlier signature covers the list that would change.
base::Status check_open(const Package& package, const SignatureList& list,
                        const std::string& list_part) {
  for (const SignatureEntry& entry : list.entries) {
    HEQI_TRY(const SignatureFile file, read_signature_file(package, entry.part));
    for (const Reference& one : file.references)
      if (one.part == list_part)
        return fail(Code::conflict, "signature " + entry.id + " closed the document");
  }
  return {};
}

base::Status check_request(const SignatureRequest& request, const Body& body) {
  const bool sealing = request.type == SignatureType::seal;
  if (sealing == request.stamps.empty())
    return fail(Code::malformed,
                sealing ? "a seal without a place" : "places for a signature without a seal");
  for (const StampRequest& one : request.stamps) {
    if (one.page >= body.pages.size())
      return fail(Code::malformed, "there is no page " + std::to_string(one.page + 1));
    if (!(one.boundary.width > 0) || !(one.boundary.height > 0))
      return fail(Code::malformed, "a stamp without a size");
  }
  if (!sealing) return {};
  HEQI_TRY(const seal::Seal seal, seal::parse_seal(request.seal));
  return seal::check_usable(seal, request.signer, request.time);
}

// next_id is above every id that is in use, whatever MaxSignId says.
std::uint64_t next_id(const SignatureList& list) {
  std::uint64_t out = list.id_max.value_or(0);
  for (const SignatureEntry& one : list.entries)
    if (!one.id.empty() && one.id.size() <= 9 &&
        one.id.find_first_not_of("0123456789") == std::string::npos)
      out = std::max<std::uint64_t>(out, std::stoull(one.id));
  return out + 1;
}

// check_same makes sure that the edit of OFD.xml changed nothing but what it should.
base::Status check_same(const std::vector<Body>& before, const std::vector<Body>& after,
                        std::size_t body, const std::string& list_part) {
  bool same = before.size() == after.size();
  for (std::size_t i = 0; same && i < before.size(); ++i)
    same = before[i].part == after[i].part &&
           after[i].signatures_part ==
               (i == body ? std::optional(list_part) : before[i].signatures_part);
  return same ? base::Status() : base::Status(fail(Code::malformed, "OFD.xml cannot be extended"));
}

base::Result<std::vector<Reference>> refer_to(const Package& package, const Places& places,
                                              Closing closing) {
  std::vector<Reference> out;
  for (const Entry& entry : package.entries()) {
    const bool list = entry.name == places.list && closing == Closing::keep_open;
    if (entry.is_folder() || list) continue;
    HEQI_TRY(const ByteView content, package.read(entry.name));
    out.push_back({entry.name, digest_of(content)});
  }
  return out;
}

base::Result<Bytes> make_to_sign(const SignatureRequest& request, const Prepared& prepared) {
  const Bytes digest = digest_of(prepared.signature_xml);
  if (request.type == SignatureType::seal) {
    seal::SealedSignatureRequest wish{request.seal, request.time, digest, "/" + prepared.part, {}};
    if (!request.chain.empty()) wish.extensions = {seal::make_certificate_values(request.chain)};
    return seal::encode_to_sign(wish);
  }
  x509::SignedAttributes attributes;
  attributes.content_type = x509::oids::gm_data();
  attributes.message_digest = digest;
  attributes.signing_time = request.time;
  attributes.signing_certificate = x509::make_reference(request.signer);
  return x509::encode_signed_attributes(attributes);
}

// with_list adds the new line to the list, and on the first signature the list to OFD.xml: the
// package as it will be, but for this signature's own files.
base::Result<Bytes> with_list(const Package& package, const std::vector<Body>& bodies,
                              const SignatureRequest& request, const Places& places,
                              const SignatureList& list) {
  std::vector<NewEntry> changed = {{places.list, base::to_bytes(signature_list_text(list))}};
  if (!bodies[request.body].signatures_part) {
    HEQI_TRY(const ByteView root, package.read(kRootPart));
    HEQI_TRY(const std::string text,
             with_signatures_part(base::text_of(root), request.body, places.list));
    changed.push_back({std::string(kRootPart), base::to_bytes(text)});
  }
  HEQI_TRY(Bytes out, write_package(&package, changed));
  HEQI_TRY(const Package again, Package::open(out, package.limits()));
  HEQI_TRY(const std::vector<Body> after, read_bodies(again));
  HEQI_TRY(check_same(bodies, after, request.body, places.list));
  return out;
}

}  // namespace

base::Result<Prepared> prepare_signature(ByteView file, const SignatureRequest& request,
                                         const Limits& limits) {
  HEQI_TRY(const Package package, Package::open(file, limits));
  HEQI_TRY(const std::vector<Body> bodies, read_bodies(package));
  if (package.octets_outside() != 0)
    return fail(Code::malformed, "octets stand outside the entries of the package");
  if (request.body >= bodies.size()) return fail(Code::malformed, "there is no such document");
  const Body& body = bodies[request.body];
  HEQI_TRY(check_request(request, body));
  const Places places = choose_places(package, body);
  SignatureList list;
  if (body.signatures_part) {
    HEQI_TRY(list, read_signature_list(package, places.list));
    HEQI_TRY(check_open(package, list, places.list));
  }
  const std::uint64_t id = next_id(list);
  list.entries.push_back({std::to_string(id), request.type, places.part});
  list.id_max = id + request.stamps.size();
  if (list.entries.size() > kSignaturesMax)
    return fail(Code::limit_exceeded, "too many signatures");

  // The list names a file that the package does not have yet: it is written without being read.
  HEQI_TRY(const Bytes listed, with_list(package, bodies, request, places, list));
  HEQI_TRY(const Package base, Package::open(listed, limits));
  SignatureText text{request, {}, {}, id + 1, places.value, {}};
  for (const StampRequest& one : request.stamps) text.page_ids.push_back(body.pages[one.page].id);
  HEQI_TRY(text.references, refer_to(base, places, request.closing));
  std::vector<NewEntry> own;
  if (request.type == SignatureType::seal) {
    text.seal_part = places.seal;
    text.references.push_back({places.seal, digest_of(request.seal)});
    own.push_back({places.seal, request.seal});
  }
  Prepared out;
  out.type = request.type;
  out.part = places.part, out.value_part = places.value;
  out.signer = request.signer, out.chain = request.chain;
  out.signature_xml = base::to_bytes(signature_text(text));
  own.push_back({places.part, out.signature_xml});
  HEQI_TRY(out.package, write_package(&base, own));
  HEQI_TRY(out.to_sign, make_to_sign(request, out));
  return out;
}

base::Result<Bytes> finish_signature(const Prepared& prepared,
                                     const x509::AlgorithmIdentifier& algorithm, ByteView signature,
                                     const std::optional<Bytes>& time_stamp) {
  Bytes value;
  if (prepared.type == SignatureType::seal) {
    HEQI_TRY(value, seal::assemble_sealed_signature(prepared.to_sign, prepared.signer, algorithm,
                                                    signature, time_stamp));
  } else {
    pki::SignedDataParts parts;
    parts.profile = pki::Profile::gm_t_0010;
    parts.certificates = prepared.chain;
    parts.signed_attributes = prepared.to_sign;
    parts.signature_algorithm = algorithm;
    parts.signature = base::to_bytes(signature);
    if (time_stamp) parts.unsigned_attributes = {pki::time_stamp_attribute(*time_stamp)};
    HEQI_TRY(value, pki::assemble_signed_data(parts, prepared.signer));
  }
  HEQI_TRY(const Package package, Package::open(prepared.package));
  return write_package(&package, {{prepared.value_part, std::move(value)}});
}

}  // namespace heqi::documents::ofd
