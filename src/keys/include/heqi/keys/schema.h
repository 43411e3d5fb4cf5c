// heqi/keys/schema.h: the module's tables. They hold nothing in the clear that is secret.
#pragma once
#include <heqi/sql/migrations.h>

namespace heqi::keys {

// schema is the component "module".
const sql::Component& schema();

}  // namespace heqi::keys
