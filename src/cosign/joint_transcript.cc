#include "joint_transcript.h"

#include <heqi/crypto/sm3_batch.h>

namespace heqi::cosign {
namespace {

// digests_of hashes texts side by side.
std::vector<crypto::Digest> digests_of(std::span<const Transcript> texts) {
  std::vector<crypto::Sm3Message> messages;
  messages.reserve(texts.size());
  for (const Transcript& text : texts) messages.push_back({text.view(), {}});
  std::vector<crypto::Digest> digests(texts.size());
  crypto::sm3_batch(messages, digests);
  return digests;
}

}  // namespace

base::Bytes opening_transcript(const Opening& opening, const crypto::PublicKey& p) {
  std::vector<Transcript> items;
  items.reserve(opening.items.size());
  for (const OpeningItem& item : opening.items)
    items.push_back(Transcript("item").bytes(item.e).point(item.t).point(item.u));
  Transcript transcript("heqi joint opening 3");
  transcript.key(opening.name).point(p.point()).number(opening.counter);
  transcript.number(opening.items.size());
  for (const crypto::Digest& digest : digests_of(items)) transcript.bytes(digest);
  return base::to_bytes(crypto::sm3(transcript.view()));
}

std::vector<const crypto::Point*> nonce_points(const Opening& opening) {
  std::vector<const crypto::Point*> out;
  out.reserve(2 * opening.items.size());
  for (const OpeningItem& item : opening.items) {
    out.push_back(&item.t);
    out.push_back(&item.u);
  }
  return out;
}

std::vector<crypto::Scalar> binding_values(base::ByteView opening_transcript,
                                           std::span<const ServerPoints> points) {
  std::vector<Transcript> items;
  items.reserve(points.size());
  for (const ServerPoints& one : points)
    items.push_back(Transcript("points").point(one.r1).point(one.r2));
  Transcript all("heqi joint binding 3");
  all.bytes(opening_transcript);
  for (const crypto::Digest& digest : digests_of(items)) all.bytes(digest);
  const crypto::Digest bound = crypto::sm3(all.view());
  std::vector<Transcript> halves;
  halves.reserve(2 * points.size());
  for (std::size_t i = 0; i < points.size(); ++i)
    for (std::uint64_t half = 0; half < 2; ++half)
      halves.push_back(Transcript("b").bytes(bound).number(2 * i + half));
  const std::vector<crypto::Digest> digests = digests_of(halves);
  std::vector<crypto::Scalar> b;
  b.reserve(points.size());
  for (std::size_t i = 0; i < points.size(); ++i) {
    base::Bytes wide = base::to_bytes(digests[2 * i]);
    base::append(wide, digests[2 * i + 1]);
    b.push_back(crypto::Scalar::reduce(wide));
  }
  return b;
}

}  // namespace heqi::cosign
