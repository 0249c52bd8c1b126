define(['immer'], (immer) => immer.produce);
