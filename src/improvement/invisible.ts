/**
 * Characters that one does not see, or that change what one sees: controls, directions, joiners, fillers, variation
 * selectors, tags. Whole sentences can be written in some of them, for a model alone.
 */
export const invisible = /[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
