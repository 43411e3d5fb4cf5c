// heqi/services/contract/schema.h: the tables of the contract platform.
#pragma once
#include <heqi/sql/migrations.h>

namespace heqi::services::contract {

const sql::Component& schema();  // the component "contract"

}  // namespace heqi::services::contract
