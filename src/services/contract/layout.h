// layout.h: where signature fields go when nobody said.
#pragma once
#include <heqi/services/contract/contract.h>

namespace heqi::services::contract {

// field_requests makes one field per party: where its request says, else two in a row at the foot
// of the last page.
base::Result<std::vector<documents::pdf::FieldRequest>> field_requests(
    base::ByteView file, const std::vector<PartyRequest>& parties,
    const std::vector<std::string>& names);

}  // namespace heqi::services::contract
