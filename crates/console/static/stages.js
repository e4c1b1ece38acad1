// The stages of a run in their order: what each is called, what it does, and its drawing.

export const STAGES = {
  "scope-definer": {
    title: "Scope",
    does: "Makes the request explicit: target, problem type, population, metric, criteria.",
    drawing: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6M12 2v4M12 18v4M2 12h4M18 12h4",
  },
  "data-preparer": {
    title: "Data",
    does: "Loads the table, judges its quality at a gate, cleans it and divides it.",
    drawing: "M4 6c0-1.700 3.600-3 8-3s8 1.300 8 3-3.600 3-8 3-8-1.300-8-3ZM4 6v12c0 1.700 3.600 3 8 3s8-1.300 8-3V6M4 12c0 1.700 3.600 3 8 3s8-1.300 8-3",
  },
  "feature-analyzer": {
    title: "Features",
    does: "Makes the plan by which columns become features, in training and in serving.",
    drawing: "M4 20V10M10 20V4M16 20v-8M20 20H3",
  },
  "model-selector": {
    title: "Selection",
    does: "Measures algorithms on a sample and ranks them.",
    drawing: "M5 6h14M8 12h8M11 18h2",
  },
  "model-trainer": {
    title: "Training",
    does: "Searches, makes an ensemble, calibrates it and judges it on rows that it has not seen.",
    drawing: "M12 3v3M12 18v3M3 12h3M18 12h3M6 6l2 2M16 16l2 2M6 18l2-2M16 8l2-2M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  },
  "model-deployer": {
    title: "Deployment",
    does: "Checks the model off-traffic and brings it to traffic by the strategy of the request.",
    drawing: "M12 3c3 2 5 5 5 9l-2 4H9l-2-4c0-4 2-7 5-9ZM9 16l-3 4M15 16l3 4M12 10h.01",
  },
  "observability-connector": {
    title: "Monitoring",
    does: "Watches what the endpoint is asked and answers, from now on.",
    drawing: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7S2 12 2 12ZM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6",
  },
};
