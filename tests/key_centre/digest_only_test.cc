// The service that holds the other share of a seal's key is asked with digests: the document stays
// with the business that has it.
#include "joined.h"
#include "tests/sealed.h"

namespace heqi::joined {
namespace {

using base::Bytes;
using device::LocalService;

bool holds(base::ByteView where, base::ByteView what) {
  return std::search(where.begin(), where.end(), what.begin(), what.end()) != where.end();
}

// shows: ZSA37-C-b
TEST(DigestOnly, WhatIsCarriedAndKeptForASealHoldsNoWordOfIt) {
  House house;
  ASSERT_OK(house.enrol());
  const Bytes octets = device::to_be_sealed();  // the seal, and the digest of the document
  const std::size_t before = house.carried.size();
  const auto done = house.confirm(house.world.msd->use_local_key({LocalService::seal, {}, octets}));
  ASSERT_OK(done);
  ASSERT_EQ(done->outcome, "local_key");
  ASSERT_GT(house.carried.size(), before);
  std::vector<Bytes> at_the_service(house.carried.begin() + static_cast<std::ptrdiff_t>(before),
                                    house.carried.end());
  for (const char* file : {"/module.db", "/module.db-wal"})
    if (auto content = base::read_file(house.centre.folder.path() + file, 1 << 24))
      at_the_service.push_back(*std::move(content));
  // Not even what the digest is made of: windows of 16 octets of it.
  for (const Bytes& one : at_the_service)
    for (std::size_t at = 0; at + 16 <= octets.size(); at += 16)
      EXPECT_FALSE(holds(one, base::ByteView(octets).subspan(at, 16))) << at;
  // The digest itself is what the service signs with and keeps.
  const auto certificate =
      must(x509::parse_certificate(house.world.msd->information().certificate));
  const crypto::Digest e = crypto::message_digest(must(certificate.public_key().sm2_key()), octets);
  EXPECT_TRUE(std::any_of(at_the_service.begin(), at_the_service.end(),
                          [&](const Bytes& one) { return holds(one, e); }));
}

}  // namespace
}  // namespace heqi::joined
