// contract_json.h: a contract as the interface shows it.
#pragma once
#include <heqi/base/json.h>
#include <heqi/services/contract/contract.h>

namespace heqi::api {

void write_contract(base::JsonWriter& json, const services::contract::Contract& contract);

}  // namespace heqi::api
