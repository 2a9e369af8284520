// Every sentence of the page in English, by area. The other languages have the same keys: the type checks it.
// A value is text, or a function of what it mentions.
import { app } from './app';
import { arrive } from './arrive';
import { compare } from './compare';
import { input } from './input';
import { judge } from './judge';
import { model } from './model';
import { recipe } from './recipe';
import { take } from './take';

export const strings = { app, arrive, model, recipe, input, compare, judge, take };

export type Strings = typeof strings;
