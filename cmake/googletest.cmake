# GTest::gtest, GTest::gmock, GTest::gtest_main: the system's libraries, or for WebAssembly built from the sources that
# come with them (Debian's libgtest-dev). Without those sources there are no WebAssembly tests.
if(NOT EMSCRIPTEN)
  find_package(GTest REQUIRED)
  return()
endif()

find_path(HALFTONE_GTEST_SOURCE googletest/CMakeLists.txt PATHS /usr/src/googletest NO_CMAKE_FIND_ROOT_PATH)
if(HALFTONE_GTEST_SOURCE)
  set(INSTALL_GTEST OFF)
  set(gtest_disable_pthreads ON)
  add_subdirectory(${HALFTONE_GTEST_SOURCE} ${CMAKE_BINARY_DIR}/googletest EXCLUDE_FROM_ALL SYSTEM)
  target_compile_options(gtest PRIVATE -w -fno-exceptions)
  target_compile_options(gmock PRIVATE -w -fno-exceptions)
endif()
