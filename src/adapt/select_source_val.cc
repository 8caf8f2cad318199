#include "adapt/selector.h"

namespace dsode::adapt {

namespace {

const RegisterSelector kRegistration({.name = "source-val",
                                      .paper = "accuracy on the source validation split",
                                      .score =
                                          [](const Evidence& evidence) { return evidence.source_validation; },
                                      .needs_source = true});

}  // namespace

}  // namespace dsode::adapt
