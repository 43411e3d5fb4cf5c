// component_seal.h: a seal inside an OFD file that a seal component makes, with its own key.
#pragma once
#include "seal_component.h"
#include "sign_ofd.h"

namespace heqi::program {

// seal_by_component puts the component's seal where wish says and has it sign; wish.seal is not
// looked at. What the component gives is written only if it is of this seal and this file and its
// values hold (invalid_signature). Fails as SealComponent and the layers below; unsupported where
// the seal lists its signers by digest.
base::Result<SignedOfd> seal_by_component(const OfdWish& wish, const std::string& seal_id,
                                          SealComponent& component);

}  // namespace heqi::program
