# Compiles through ccache where there is one. Its store lies in the cache folder ($CCACHE_DIR chooses another) and names
# paths relative to the checkout, so that a fresh clone in another folder finds what an older one compiled.
find_program(HALFTONE_CCACHE ccache)
if(HALFTONE_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1
    CCACHE_SLOPPINESS=pch_defines,time_macros)  # what it asks for before it looks at precompiled headers
  if(NOT DEFINED ENV{CCACHE_DIR})
    list(APPEND CMAKE_CXX_COMPILER_LAUNCHER CCACHE_DIR=${HALFTONE_CACHE}/ccache CCACHE_MAXSIZE=2G)
  endif()
  list(APPEND CMAKE_CXX_COMPILER_LAUNCHER ${HALFTONE_CCACHE})
endif()
