// deal.h: two persons with devices, and somebody who sends them contracts.
#pragma once
#include <heqi/documents/pdf/form.h>

#include "phone.h"

namespace heqi::testing {

inline constexpr std::string_view kZhang = "zhang@example.cn", kLi = "li@example.cn";

// Deal is two persons with devices and somebody who sends them a contract.
struct Deal {
  explicit Deal(std::string database_url = {}, std::uint64_t seed = 20261121)
      : house(std::move(database_url), seed) {
    owner = "user:" + must(house.services->accounts.add({.email = "owner@example.cn"},
                                                        pin_of("a long password")))
                          .id;
    zhang_id = house.add_person("张三", std::string(kZhang));
    li_id = house.add_person("李四", std::string(kLi));
    EXPECT_OK(zhang.enrol(house.code_for(zhang_id)));
    EXPECT_OK(li.enrol(house.code_for(li_id)));
  }

  services::contract::Platform& platform() { return house.services->platform; }
  services::contract::ContractRequest wanted(
      services::contract::Order order = services::contract::Order::any) {
    return {.owner = owner,
            .title = "房屋租赁合同",
            .order = order,
            .parties = {{zhang_id, {}}, {li_id, {}}},
            .document = house.example(),
            .expires_at = {}};
  }
  std::string begin(services::contract::Order order = services::contract::Order::any) {
    house.clock.advance(std::chrono::seconds(1));  // the newest invitation is this contract's
    const services::contract::Contract draft = must(platform().create(wanted(order)));
    EXPECT_EQ(draft.state, "draft");
    EXPECT_EQ(must(platform().start(owner, draft.id)).state, "signing");
    house.settle();
    return draft.id;
  }
  services::contract::Contract get(const std::string& id) {
    return must(platform().get(owner, id));
  }
  std::string link(std::string_view address) { return house.link_for(std::string(address)); }
  base::Result<std::string> ask(std::string_view address) {
    return platform().begin_signing(link(address));
  }
  // sign is one party's way from the link to the taken signature.
  void sign(Phone& phone, std::string_view address) {
    ASSERT_OK(ask(address));
    const auto done = phone.sign();
    ASSERT_OK(done);
    EXPECT_EQ(done->outcome, "signed");
    house.settle();
  }
  void revoke(const Phone& phone) {
    const auto certificate = must(x509::parse_certificate(phone.msd->information().certificate));
    ASSERT_OK(house.services->authority.revoke(certificate.serial(),
                                               pki::RevocationReason::key_compromise));
  }
  std::vector<documents::pdf::SignatureDictionary> signatures(
      const services::contract::Contract& contract) {
    file = must(platform().document(contract));
    document.emplace(must(documents::pdf::Document::parse(file)));
    return must(documents::pdf::find_signatures(*document));
  }

  House house;
  Phone zhang{house}, li{house};
  std::string owner, zhang_id, li_id;
  base::Bytes file;
  std::optional<documents::pdf::Document> document;
};

}  // namespace heqi::testing
