// 简体中文: the same areas and keys as in English.
import type { Strings } from '../en';
import { app } from './app';
import { arrive } from './arrive';
import { compare } from './compare';
import { input } from './input';
import { judge } from './judge';
import { model } from './model';
import { recipe } from './recipe';
import { take } from './take';

export const strings: Strings = { app, arrive, model, recipe, input, compare, judge, take };
