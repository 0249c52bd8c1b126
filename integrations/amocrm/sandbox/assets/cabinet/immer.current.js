define(['immer'], (immer) => immer.current);
