# libtorch, Debian's or any newer one named by CMAKE_PREFIX_PATH, and the precompiled header that its users share.
find_package(Torch REQUIRED)
message(STATUS "libtorch ${Torch_VERSION} in ${TORCH_INCLUDE_DIRS}")

add_library(dsode_torch INTERFACE)
# libtorch as PyTorch packages it has the headers of another fmt, which would hide those of the fmt that we link.
list(GET TORCH_INCLUDE_DIRS 0 torch_headers)
get_target_property(fmt_headers fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
if(EXISTS ${torch_headers}/fmt AND NOT torch_headers STREQUAL fmt_headers)
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/fmt_headers)
  file(CREATE_LINK ${fmt_headers}/fmt ${CMAKE_BINARY_DIR}/fmt_headers/fmt SYMBOLIC)
  target_include_directories(dsode_torch SYSTEM INTERFACE ${CMAKE_BINARY_DIR}/fmt_headers)
endif()
target_include_directories(dsode_torch SYSTEM INTERFACE ${TORCH_INCLUDE_DIRS})
target_link_libraries(dsode_torch INTERFACE ${TORCH_LIBRARIES})
separate_arguments(torch_flags UNIX_COMMAND "${TORCH_CXX_FLAGS}")
target_compile_options(dsode_torch INTERFACE ${torch_flags})

file(WRITE ${CMAKE_BINARY_DIR}/torch_pch.cc "")
add_library(dsode_torch_pch OBJECT ${CMAKE_BINARY_DIR}/torch_pch.cc)
target_link_libraries(dsode_torch_pch PUBLIC dsode_torch dsode_options)
target_precompile_headers(dsode_torch_pch PRIVATE <torch/torch.h>)

function(dsode_use_torch target)
  target_link_libraries(${target} PUBLIC dsode_torch)
  target_precompile_headers(${target} REUSE_FROM dsode_torch_pch)
endfunction()
