"""Works that a Methods text cites."""

REFERENCES = {
    "Burnham & Anderson 2002": (
        "Burnham KP, Anderson DR (2002) Model Selection and Multimodel Inference, 2nd edition. "
        "Springer, New York."
    ),
    "Vehtari et al. 2017": (
        "Vehtari A, Gelman A, Gabry J (2017) Practical Bayesian model evaluation using "
        "leave-one-out cross-validation and WAIC. Statistics and Computing 27:1413-1432."
    ),
    "Yao et al. 2018": (
        "Yao Y, Vehtari A, Simpson D, Gelman A (2018) Using stacking to average Bayesian "
        "predictive distributions. Bayesian Analysis 13:917-1007."
    ),
    "Abril-Pla et al. 2023": (
        "Abril-Pla O, Andreani V, Carroll C, et al. (2023) PyMC: a modern, and comprehensive "
        "probabilistic programming framework in Python. PeerJ Computer Science 9:e1516."
    ),
    "Efford 2004": (
        "Efford M (2004) Density estimation in live-trapping studies. Oikos 106:598-610."
    ),
    "Borchers & Efford 2008": (
        "Borchers DL, Efford MG (2008) Spatially explicit maximum likelihood methods for "
        "capture-recapture studies. Biometrics 64:377-385."
    ),
    "Royle et al. 2014": (
        "Royle JA, Chandler RB, Sollmann R, Gardner B (2014) Spatial Capture-Recapture. "
        "Academic Press, Waltham."
    ),
    "Robins, van der Vaart & Ventura 2000": (
        "Robins JM, van der Vaart A, Ventura V (2000) Asymptotic distribution of P values in "
        "composite null models. Journal of the American Statistical Association 95:1143-1156."
    ),
    "Royle et al. 2013": (
        "Royle JA, Chandler RB, Gazenski KD, Graves TA (2013) Spatial capture-recapture models for "
        "jointly estimating population density and landscape connectivity. Ecology 94:287-294."
    ),
    "Efford 2011": (
        "Efford MG (2011) Estimation of population density by spatially explicit "
        "capture-recapture analysis of data from area searches. Ecology 92:2202-2207."
    ),
    "Efford et al. 2013": (
        "Efford MG, Borchers DL, Mowat G (2013) Varying effort in capture-recapture studies. "
        "Methods in Ecology and Evolution 4:629-636."
    ),
    "Pledger 2000": (
        "Pledger S (2000) Unified maximum likelihood estimates for closed capture-recapture models "
        "using mixtures. Biometrics 56:434-442."
    ),
    "Andrieu & Roberts 2009": (
        "Andrieu C, Roberts GO (2009) The pseudo-marginal approach for efficient Monte Carlo "
        "computations. Annals of Statistics 37:697-725."
    ),
    "Chandler & Hepinstall-Cymerman 2016": (
        "Chandler R, Hepinstall-Cymerman J (2016) Estimating the spatial scales of landscape "
        "effects on abundance. Landscape Ecology 31:1383-1394."
    ),
    "Coull & Agresti 1999": (
        "Coull BA, Agresti A (1999) The use of mixed logit models to reflect heterogeneity in "
        "capture-recapture studies. Biometrics 55:294-301."
    ),
    "Efford & Mowat 2014": (
        "Efford MG, Mowat G (2014) Compensatory heterogeneity in spatially explicit "
        "capture-recapture data. Ecology 95:1341-1348."
    ),
    "Efford et al. 2016": (
        "Efford MG, Dawson DK, Jhala YV, Qureshi Q (2016) Density-dependent home-range size "
        "revealed by spatially explicit capture-recapture. Ecography 39:676-688."
    ),
    "Efford, Borchers & Byrom 2009": (
        "Efford MG, Borchers DL, Byrom AE (2009) Density estimation by spatially explicit "
        "capture-recapture: likelihood-based methods. In: Modeling Demographic Processes in Marked "
        "Populations, 255-269."
    ),
    "Efford & Fewster 2013": (
        "Efford MG, Fewster RM (2013) Estimating population size by spatially explicit "
        "capture-recapture. Oikos 122:918-928."
    ),
    "ter Braak et al. 1994": (
        "ter Braak CJF, van Strien AJ, Meijer R, Verstrael TJ (1994) Analysis of monitoring data "
        "with many missing values: which method? In: Bird Numbers 1992, 663-673."
    ),
    "Vehtari et al. 2024": (
        "Vehtari A, Simpson D, Gelman A, Yao Y, Gabry J (2024) Pareto smoothed importance "
        "sampling. Journal of Machine Learning Research 25(72):1-58."
    ),
    "Gelman & Hill 2007": (
        "Gelman A, Hill J (2007) Data Analysis Using Regression and Multilevel/Hierarchical "
        "Models. Cambridge University Press, Cambridge."
    ),
    "Ruppert, Wand & Carroll 2003": (
        "Ruppert D, Wand MP, Carroll RJ (2003) Semiparametric Regression. Cambridge University "
        "Press, Cambridge."
    ),
    "Solin & Sarkka 2020": (
        "Solin A, Sarkka S (2020) Hilbert space methods for reduced-rank Gaussian process "
        "regression. Statistics and Computing 30:419-446."
    ),
    "Riutort-Mayol et al. 2023": (
        "Riutort-Mayol G, Buerkner PC, Andersen MR, Solin A, Vehtari A (2023) Practical Hilbert "
        "space approximate Bayesian Gaussian processes for probabilistic programming. Statistics "
        "and Computing 33:17."
    ),
    "Hoffman & Gelman 2014": (
        "Hoffman MD, Gelman A (2014) The No-U-Turn sampler: adaptively setting path lengths in "
        "Hamiltonian Monte Carlo. Journal of Machine Learning Research 15:1593-1623."
    ),
    "Vehtari et al. 2021": (
        "Vehtari A, Gelman A, Simpson D, Carpenter B, Bürkner PC (2021) Rank-normalization, "
        "folding, and localization: an improved R-hat for assessing convergence of MCMC. "
        "Bayesian Analysis 16:667-718."
    ),
}
"""References by the way they are cited."""
